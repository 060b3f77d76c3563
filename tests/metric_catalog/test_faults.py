"""Every wrong value of a file is told in words of ours, in both languages."""

import copy
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from assistant.config import FILE, read_project
from metric_catalog.errors import CatalogError
from metric_catalog.issues import Issue
from metric_catalog.load import load_all
from metric_catalog.schema import SECTIONS, issues_of, nest_type
from prompts.render import render

EXAMPLES = Path(__file__).parents[2] / "examples"
WRONG: tuple[Any, ...] = (
    None, "x y", "", 5, -1.5, float("nan"), [], {}, {"a": 1}, True, "2026-13-45", "z" * 500, [1],
    [None], 10**30,
)  # fmt: skip
TOLD_OTHERWISE = re.compile(r"`[^`]*`|`.*$|[A-Z]{2,}")
FOREIGN = re.compile(r"[A-Za-z]{3,}")
Place = tuple[str | int, ...]


def places(value: Any, path: Place = ()) -> Iterator[Place]:
    """Every key and the first two items of every list."""
    if path:
        yield path
    items: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value[:2]))
    for key, inner in items:
        yield from places(inner, (*path, key))


def put(whole: Any, path: Place, value: Any) -> Any:
    found = copy.deepcopy(whole)
    inner = found
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return found


def check_sentence(found: Issue) -> None:
    assert found.code != "invalid_value", found
    given = {name: text if name == "reason" else "·" for name, text in found.arguments}
    english, chinese = (render(lang, "errors", found.code, **given) for lang in ("en", "zh"))
    assert english != chinese and "{" not in english
    said = TOLD_OTHERWISE.sub("", chinese)
    assert not FOREIGN.search(said), chinese
    assert len(english) < 400


def items() -> Iterator[tuple[str, dict[str, Any], Place]]:
    """One definition per section and key."""
    seen = set()
    for file in sorted(EXAMPLES.glob("*/metrics/*.yml")):
        for section, found in yaml.safe_load(file.read_text("utf-8")).items():
            for item in found:
                for path in places(item):
                    kind = (section, item.get("type"), *(p for p in path if isinstance(p, str)))
                    if kind not in seen:
                        seen.add(kind)
                        yield section, item, path


def test_a_wrong_value_of_a_definition_is_told_in_both_languages() -> None:
    codes = set()
    for section, item, path in items():
        for value in WRONG:
            wrong = put(item, path, value)
            try:
                SECTIONS[section].model_validate(
                    nest_type(wrong) if section == "metrics" else wrong
                )
            except ValidationError as error:
                for found in issues_of(error, section, "metrics.yml: m"):
                    codes.add(found.code)
                    check_sentence(found)
    assert len({code for code in codes if code.startswith("value_")}) >= 11, codes


SETTINGS = """
name = "a"
[data]
engine = "duckdb"
files = ["*.csv"]
as_of = 2026-11-01
memory = "1GB"
threads = 2
[metrics]
files = ["metrics/*.yml"]
[calendar]
week_start = "monday"
fiscal_year_start_month = 4
[language]
default = "en"
[roles.sales]
rows = {orders = "channel = 'web'"}
hidden_metrics = ["profit"]
"""
TOML = (5, -1.5, "x y", True, "[1]", "{a = 1}", "2026-13-45", 99)


@pytest.mark.parametrize("path", list(places(tomllib.loads(SETTINGS))))
def test_a_wrong_setting_is_told_in_both_languages(tmp_path: Path, path: Place) -> None:
    whole = tomllib.loads(SETTINGS)
    told = 0
    for wrong in TOML:
        (tmp_path / FILE).write_text(as_toml(put(whole, path, wrong)), "utf-8")
        try:
            read_project(tmp_path)
        except CatalogError as error:
            for found in error.issues:
                told += 1
                check_sentence(found)
    assert told


def as_toml(content: dict[str, Any]) -> str:
    return "\n".join(f"{key} = {_value(value)}" for key, value in content.items())


def _value(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case dict():
            return "{" + ", ".join(f"{key} = {_value(v)}" for key, v in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_value, value)) + "]"
        case str() if value[0] in "[{":
            return value
        case str():
            return f'"{value}"'
        case _:
            return str(value)


@pytest.mark.parametrize(
    ("key", "value", "code", "said"),
    [
        ("unit", "euros", "value_not_listed", {"value": "euros"}),
        ("status", "publshed", "value_not_listed", {"value": "publshed"}),
        ("decimals", "many", "value_no_integer", {"value": "many"}),
        ("private", "perhaps", "value_no_truth", {"value": "perhaps"}),
        ("effective_from", "soon", "value_no_day", {"value": "soon"}),
        ("owner", 5, "value_no_text", {"value": "5"}),
        ("owner", None, "value_empty", {}),
        ("id", "1 a", "value_no_name", {"value": "1 a"}),
        ("synonyms", [1], "value_no_mapping", {"value": "[…]"}),
        ("targets", 7, "value_no_list", {"value": "7"}),
    ],
)
def test_each_kind_has_its_sentence(
    tmp_path: Path, key: str, value: Any, code: str, said: dict[str, str]
) -> None:
    item = {
        "id": "m",
        "type": "simple",
        "model": "o",
        "measure": "n",
        "owner": "a",
        "unit": "count",
    }
    file = tmp_path / "metrics.yml"
    file.write_text(yaml.safe_dump({"metrics": [item | {key: value}]}), "utf-8")
    issues = {found.code: found for found in load_all((file,), tmp_path)[1]}
    assert code in issues, issues
    assert said.items() <= dict(issues[code].arguments).items()
    assert dict(issues[code].arguments)["key"] == key
    if value == "publshed":
        assert issues[code].nearest == ("published",)


def test_a_value_of_several_types_is_told_once(tmp_path: Path) -> None:
    file = tmp_path / "models.yml"
    value = {"value": [1], "label": "a"}
    dimension = {"name": "page", "values": [value]}
    model = {"id": "o", "table": "o", "dimensions": [dimension]}
    file.write_text(yaml.safe_dump({"semantic_models": [model]}), "utf-8")
    (found,) = (f for f in load_all((file,), tmp_path)[1] if f.code.startswith("value_"))
    assert (found.code, found.place) == (
        "value_no_cell", "models.yml: o.dimensions[0].values[0].value",
    )  # fmt: skip
    (tmp_path / FILE).write_text('name = "a"\n[data]\nas_of = "tody"\n', "utf-8")
    with pytest.raises(CatalogError) as caught:
        read_project(tmp_path)
    (found,) = caught.value.issues
    assert (found.code, found.nearest) == ("value_no_day_or_word", ("today",))
