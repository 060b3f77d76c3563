"""The documents cover every seam, setting, variable and command, and point at what is there."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from assistant.config import SETTINGS, ProjectFile, RoleSection
from assistant.interfaces.cli.app import app
from assistant.plugins import GROUPS, find
from tests.architecture.sources import ROOT, document, modules, texts

README = ("README.md", "README.zh.md")
DOCUMENTS = sorted(str(file.relative_to(ROOT)) for file in (ROOT / "docs").rglob("*.md"))
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")
VARIABLE = re.compile(r"ASKMETRIC_[A-Z_]+")


def commands() -> Iterator[tuple[str, Any]]:
    """Every command by its words."""

    def walk(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        inner = getattr(command, "commands", {})
        if not inner:
            yield " ".join(words), command
        for name, sub in inner.items():
            yield from walk(sub, (*words, name))

    yield from walk(typer.main.get_command(app), ())


@pytest.mark.parametrize("seam", sorted(GROUPS))
def test_a_seam_is_documented_and_has_a_built_in(seam: str) -> None:
    text = document("docs/plugins.md")
    assert f"`{GROUPS[seam]}`" in text
    words = {"chart": "Chart kind"}.get(seam, seam.replace("_", " ").capitalize())
    assert f"## {words}\n" in text
    assert find(seam), seam


def test_a_setting_is_documented() -> None:
    keys = {name for name in SETTINGS if name != "roles"}
    keys |= {f"roles.<name>.{name}" for name in RoleSection.model_fields}
    rows = set(re.findall(r"^\| `([^`]+)` \|", document("docs/settings.md"), re.MULTILINE))
    assert {row for row in rows if row[0].islower()} == keys


def test_the_defaults_that_are_documented_are_those() -> None:
    shown = dict(
        re.findall(r"^\| `([a-z._]+)` \| `([^`]+)` \|", document("docs/settings.md"), re.MULTILINE)
    )
    assert len(shown) > 10
    for key, text in shown.items():
        section, _, name = key.partition(".")
        value = getattr(getattr(ProjectFile(name="x"), section), name)
        expected = str(list(value)).replace("'", '"') if isinstance(value, tuple) else (
            f'"{value}"' if isinstance(value, str) else str(value)
        )  # fmt: skip
        assert text == expected, key


def test_an_environment_variable_is_documented() -> None:
    used = {
        found for tree in modules().values() for node in texts(tree)
        for found in VARIABLE.findall(node.value)
    }  # fmt: skip
    used |= {n for f in (ROOT / "tests").rglob("*.py") for n in VARIABLE.findall(f.read_text())}
    named = set(VARIABLE.findall(document("docs/settings.md")))
    assert {name for name in used if not name.endswith("_")} <= named
    assert named <= used


@pytest.mark.parametrize(("words", "command"), list(commands()), ids=[w for w, _ in commands()])
def test_a_command_is_documented_with_its_options(words: str, command: Any) -> None:
    text = " ".join(document("docs/commands.md").split())
    start = text.index(f"**`askmetric {words}")
    following = [text.find(f"**`askmetric {w}", start + 4) for w, _ in commands()]
    entry = text[start : min((place for place in following if place > 0), default=len(text))]
    shared = {"--project", "--lang", "--json", "--help"}
    options = {name for parameter in command.params for name in parameter.opts}
    above = text[:start]
    for option in sorted(o for o in options if o.startswith("--") and o not in shared):
        assert option in entry or (words == "read" and option in above), option


@pytest.mark.parametrize("name", [*README, *DOCUMENTS])
def test_a_link_leads_to_a_file(name: str) -> None:
    for target in LINK.findall(document(name)):
        assert (ROOT / name).parent.joinpath(target).exists(), target


@pytest.mark.parametrize("name", README)
def test_a_readme_begins_with_the_two_commands(name: str) -> None:
    block = document(name).split("```")[1].strip().splitlines()
    assert [line.split("#")[0].strip() for line in block] == ["make demo", "make test"]
    assert document(name).index("```") < 30


@pytest.mark.parametrize("name", README)
def test_a_readme_leads_to_every_document(name: str) -> None:
    text = document(name)
    pages = {f for f in DOCUMENTS if f.count("/") == 1 and not f.endswith(".zh.md")}
    assert {page for page in pages if page not in text} == set()
