"""Settings: every key is known, or the nearest one is named; nothing is ignored."""

from pathlib import Path

import pytest

from assistant.config import SETTINGS, find_project, read_project
from assistant.wiring import Assistant
from metric_catalog.errors import CatalogError
from tests.architecture.sources import blocks, document


def written(folder: Path, text: str) -> Path:
    (folder / "askmetric.toml").write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize("key", sorted(set(SETTINGS) - {"roles", "name"}))
def test_a_misspelt_key_names_the_nearest(tmp_path: Path, key: str) -> None:
    section, _, name = key.partition(".")
    wrong = f"{name[:-1]}{name[-1]}x"
    with pytest.raises(CatalogError) as raised:
        read_project(written(tmp_path, f'name = "a"\n[{section}]\n{wrong} = 1\n'))
    (found,) = raised.value.issues
    assert found.code == "unknown_key" and found.place == f"askmetric.toml: {section}.{wrong}"
    assert found.nearest[0] == key


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "missing_key"),
        ('name = "a"\nnmae = "b"', "unknown_key"),
        ('name = "a"\n[dta]\n', "unknown_key"),
        ('name = "a"\n[data]\nthreads = "two"', "value_no_integer"),
        ('name = "a"\n[calendar]\nweek_start = "funday"', "value_not_listed"),
        ('name = "a"\n[roles.x]\nrow = {a = "b"}', "unknown_key"),
        ('name = "a"\nname = "b"', "toml_key_twice"),
        ('name = "a"\n[data]\n[data]\n', "toml_key_twice"),
        ('name = "a"\n[data', "toml_syntax"),
        ('name = "a\n', "toml_syntax"),
        ("name = a\n", "toml_syntax"),
    ],
)
def test_a_wrong_setting_is_an_issue(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(CatalogError) as raised:
        read_project(written(tmp_path, text))
    assert code in [found.code for found in raised.value.issues]


@pytest.mark.parametrize(
    ("text", "line"),
    [('name = "a"\n\nb = c\n', "3"), ('name = "a"\nname = "b"\n\n', "2"), ('name = "a', "1")],
)
def test_settings_that_cannot_be_read_name_the_line(tmp_path: Path, text: str, line: str) -> None:
    with pytest.raises(CatalogError) as raised:
        read_project(written(tmp_path, text))
    (found,) = raised.value.issues
    assert (found.place, dict(found.arguments)) == ("askmetric.toml", {"line": line})


def test_settings_in_other_letters_name_the_line(tmp_path: Path) -> None:
    (tmp_path / "askmetric.toml").write_bytes('name = "a"\n# 商店'.encode("gb18030"))
    with pytest.raises(CatalogError) as raised:
        read_project(tmp_path)
    (found,) = raised.value.issues
    assert (found.code, dict(found.arguments)) == ("yaml_letters", {"line": "2"})


@pytest.mark.parametrize(("section", "key"), [("data", "engine"), ("retrieval", "embedder")])
def test_what_nothing_provides_is_an_issue(tmp_path: Path, section: str, key: str) -> None:
    project = read_project(written(tmp_path, f'name = "a"\n[{section}]\n{key} = "duckdbb"\n'))
    part = "executor" if section == "data" else "index"
    with pytest.raises(CatalogError) as raised:
        getattr(Assistant(project), part)
    (found,) = raised.value.issues
    assert (found.code, found.place) == ("unknown_plugin", f"askmetric.toml: {section}.{key}")
    assert found.nearest


def test_the_example_of_the_document_is_read(tmp_path: Path) -> None:
    text = blocks(document("docs/settings.md"), "toml")[0]
    project = read_project(written(tmp_path, text))
    assert project.settings.data.database == "data/shop.duckdb"
    assert set(project.settings.roles) == {"south"}


def test_the_nearest_folder_upwards_is_the_project(tmp_path: Path) -> None:
    written(tmp_path, 'name = "a"')
    (tmp_path / "b" / "c").mkdir(parents=True)
    assert find_project(tmp_path / "b" / "c").root == tmp_path.resolve()
