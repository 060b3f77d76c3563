"""The door for definitions: what is no definition file is an issue, never an exception."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metric_catalog.errors import CatalogError
from metric_catalog.issues import Issue
from metric_catalog.load import load
from metric_catalog.yaml_files import MAX_DEPTH, read_yaml

BOMB = "a: &a [x, x]\n" + "".join(
    f"{name}: &{name} [*{before}, *{before}]\n" for before, name in zip("abcdefg", "bcdefgh", strict=True)
)  # fmt: skip


def issues_of(folder: Path, content: bytes) -> tuple[Issue, ...]:
    (folder / "metrics.yml").write_bytes(content)
    with pytest.raises(CatalogError) as raised:
        load([folder / "metrics.yml"], folder)
    return raised.value.issues


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (BOMB.encode(), "yaml_alias"),
        (b"a: &a [*a]", "yaml_alias"),
        (b"[" * 100_000, "yaml_depth"),
        (b"{a: " * 100_000, "yaml_depth"),
        (b"- " * 100_000, "yaml_depth"),
        (b"? [1, 2]\n: 3\n", "yaml_key_shape"),
        (b"metrics: []\nmetrics: []\n", "yaml_key_twice"),
        (b"metrics: [{effective_from: 2026-13-45}]", "yaml_value"),
        (b"metrics: [{version: " + b"9" * 5000 + b"}]", "yaml_value"),
        (b"\xff\xfe\x00", "yaml_letters"),
        (b"metrics: [", "yaml_open_bracket"),
        (b"!!python/object:os.system x", "yaml_tag"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_issue(tmp_path: Path, content: bytes, code: str) -> None:
    (found,) = issues_of(tmp_path, content)
    assert (found.code, found.place) == (code, "metrics.yml")


def test_nesting_as_deep_as_allowed_is_read(tmp_path: Path) -> None:
    file = tmp_path / "deep.yml"
    file.write_text("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert read_yaml(file) is not None
    assert issues_of(tmp_path, ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)).encode())


def test_a_wrong_type_names_the_nearest_and_nothing_else(tmp_path: Path) -> None:
    (found,) = issues_of(tmp_path, b"metrics: [{id: a, type: simpel, model: b, measure: c}]")
    assert (found.code, found.place) == ("unknown_metric_type", "metrics.yml: a.type")
    assert found.nearest[0] == "simple"


def test_a_misspelt_key_comes_before_the_key_it_leaves_missing(tmp_path: Path) -> None:
    metric = b"metrics: [{id: a, name: {en: a, zh: b}, type: simple, model: b, measrue: c}]"
    found = issues_of(tmp_path, metric)
    assert [item.code for item in found] == ["unknown_key", "missing_key"]
    assert found[0].nearest[0] == "measure"


TARGETS = b"""
metrics:
  - id: gmv
    name: {en: GMV, zh: a}
    type: simple
    model: b
    measure: c
    targets:
      - {value: 1, start: 2026-03-01, end: 2026-02-01}
      - {value: 1, start: 2026-03-01}
      - {value: one, start: 2026-03-01, end: 2026-04-01}
      - {value: .nan, start: 2026-03-01, end: 2026-04-01}
"""


def test_what_stands_beside_a_faulty_item_is_judged_too_and_keeps_its_place(tmp_path: Path) -> None:
    found = {item.place.rpartition(".")[2]: item.code for item in issues_of(tmp_path, TARGETS)
             if "targets" in item.place and item.code != "target_without_direction"}  # fmt: skip
    assert found == {
        "targets[0]": "target_without_end", "end": "missing_key", "value": "value_no_number",
        "targets[3]": "target_without_value",
    }  # fmt: skip


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet="ab:-?[]{}&*!|>'\" \n#,0.1~<=", max_size=80))
def test_any_text_loads_or_is_issues(tmp_path: Path, text: str) -> None:
    file = tmp_path / "any.yml"
    file.write_text(text, "utf-8")
    try:
        load([file], tmp_path)
    except CatalogError as error:
        assert error.issues
