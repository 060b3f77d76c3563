"""A file that is no YAML is one fault with the line to look at, told without the parser's words."""

import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metric_catalog.errors import CatalogError
from metric_catalog.load import load
from metric_catalog.yaml_files import BrokenYaml, names_in, read_yaml, unreadable
from prompts.render import LANGUAGES, render
from tests.conftest import SHOP

FAULTS = (
    ("metrics:\n\t- id: a\n", "yaml_tab", 2),
    ("metrics:\n- id: a\n  name:\n \tx: b\n", "yaml_tab", 4),
    ("metrics:\n- id: a\n   name: b\n", "yaml_colon", 3),
    ("metrics:\n- id: a: b\n", "yaml_colon", 2),
    ("metrics:\n  - id: a\n - id: b\n", "yaml_indent", 3),
    ("metrics:\n- id: a\n  name b\n  unit: c\n", "yaml_no_colon", 3),
    ("metrics:\n- id: a\n  name: {en: a, zh: b\n  unit: c\n", "yaml_open_bracket", 3),
    ("metrics:\n- id: a\n  name: [a b] c]\n  unit: c\n", "yaml_indent", 3),
    ('metrics:\n- id: a\n  name: "a\n  unit: "b"\n  type: x\n', "yaml_open_quote", 3),
    ("metrics:\n- id: a\n  name: 'a\n", "yaml_open_quote", 3),
    ("metrics:\n- id: a\n  name: @a\n", "yaml_first_letter", 3),
    ("metrics:\n- id: a\n  name: *a\n", "yaml_alias", 3),
    ("metrics:\n- id: &\n", "yaml_alias", 2),
    ('metrics:\n- id: "\\q"\n', "yaml_escape", 2),
    ('metrics:\n- id: "\\xzz"\n', "yaml_escape", 2),
    ("metrics:\n- id: [a, : ]]\n  b: }\n", "yaml_no_value", 2),
    ("metrics:\n- id: [a, b\n\n\n", "yaml_open_bracket", 2),
    ("metrics: [", "yaml_open_bracket", 1),
    ("metrics: }\n", "yaml_no_value", 1),
    ("metrics:\n- id: !py a\n", "yaml_tag", 2),
    ("metrics:\n- id: !!timestamp a\n", "yaml_tag", 2),
    ("metrics:\n- {<<: a}\n", "yaml_tag", 2),
    ("a: 1\n---\nb: 2\n", "yaml_documents", 2),
    ("a:\n  ? {b: c}\n  : d\n", "yaml_key_shape", 2),
    ("metrics:\n- id: a\n  unit: x\n  id: b\n", "yaml_key_twice", 4),
    ("metrics:\n- id: a\n  since: 2026-02-30\n", "yaml_value", 3),
    ("metrics:\n- id: a\n  version: " + "9" * 5000, "yaml_value", 3),
    ("metrics:\n- id: a\x07\n", "yaml_control", 2),
    ("a: 1\nb: >x\n c\n", "yaml_syntax", 2),
)


def fault_of(folder: Path, content: bytes) -> BrokenYaml:
    file = folder / "metrics.yml"
    file.write_bytes(content)
    with pytest.raises(BrokenYaml) as raised:
        read_yaml(file)
    return raised.value


def said(fault: BrokenYaml) -> dict[str, str]:
    """The sentence in each language."""
    found = unreadable(fault, "metrics.yml")
    return {lang: render(lang, "errors", found.code, **dict(found.arguments)) for lang in LANGUAGES}


@pytest.mark.parametrize(("text", "code", "line"), FAULTS)
def test_a_fault_names_its_line_and_what_to_do(
    tmp_path: Path, text: str, code: str, line: int
) -> None:
    fault = fault_of(tmp_path, text.encode())
    assert (fault.code, fault.arguments["line"]) == (code, str(line))
    told = said(fault)
    for lang, sentence in told.items():
        assert not re.search(r"\{[a-z]+\}|unicode string|while |expected ", sentence), sentence
        assert f"{line}" in sentence and len(sentence) < 200, (lang, sentence)


def test_letters_of_another_code_are_a_fault_of_their_line(tmp_path: Path) -> None:
    fault = fault_of(tmp_path, "metrics:\n- id: a\n  name: 订单\n".encode("gb18030"))
    assert (fault.code, fault.arguments) == ("yaml_letters", {"line": "3"})


def test_a_tag_that_keeps_a_text_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("a: !!str 1\nb: ! c\n")
    assert read_yaml(tmp_path / "a.yml") == {"a": "1", "b": "c"}


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet=" \t\n-:{}[],'\"*&!|>%@`#?ab1\\<=~.", max_size=60))
def test_any_text_is_read_or_is_a_fault(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.yml"
    file.write_text(text)
    try:
        read_yaml(file)
    except BrokenYaml as fault:
        assert 1 <= int(fault.arguments["line"]) <= text.count("\n") + 1
        assert all(said(fault).values())


SPOILT = ("\t", "   ", '"', ": : [")


@pytest.mark.parametrize("spoil", SPOILT)
@pytest.mark.parametrize("name", ["orders.yml", "customers.yml", "playbooks.yml", "stores.yml"])
def test_what_a_broken_file_defines_is_not_missed_elsewhere(
    tmp_path: Path, spoil: str, name: str
) -> None:
    shutil.copytree(SHOP / "metrics", tmp_path / "metrics")
    file = tmp_path / "metrics" / name
    lines = file.read_text("utf-8").split("\n")
    at = next(n for n, line in enumerate(lines) if n > 40 and line.startswith("    "))
    lines[at] = lines[at] + spoil if spoil.startswith(":") else spoil + lines[at].lstrip()
    if spoil == '"':
        lines[at] = lines[at].replace('"', "").replace(" ", ' "', 1)
    file.write_text("\n".join(lines), "utf-8")
    with pytest.raises(CatalogError) as raised:
        load(sorted((tmp_path / "metrics").glob("*.yml")), tmp_path)
    (found,) = raised.value.issues
    assert found.place == f"metrics/{name}" and found.code.startswith("yaml_")


def test_names_are_found_in_any_letters(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_bytes("- id: a\n  name: '订单'\n- {id: \"b.c\", table: d}".encode("gb18030"))
    assert {"a", "b.c", "d"} <= names_in(file)
    assert names_in(tmp_path / "missing.yml") == frozenset()
