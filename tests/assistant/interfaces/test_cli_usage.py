"""Whatever is wrong with the words of a command ends with 2 and one sentence, in both languages."""

import re
from pathlib import Path

import pytest

from tests.assistant.interfaces.commands import Desk

CHINESE = re.compile(r"[一-鿿]")
WRONG = [
    ("query",),
    ("query", "--where", "channel = 'app'"),
    ("query", "--metrics", " , "),
    ("query", "--metrics"),
    ("query", "--bogus"),
    ("query", "gmv"),
    ("query", "--metrics", "gmv", "--limit", "many"),
    ("query", "--metrics", "gmv", "--limit", "-1"),
    ("query", "--json=yes"),
    ("ask",),
    ("read",),
    ("ask", "gmv", "last", "month"),
    ("ask", "gmv", "--batch", "x.jsonl"),
    ("ask", "--batch", "nowhere.jsonl"),
    ("ask", "gmv", "--export", "x.docx"),
    ("ask", "gmv", "--chart", "x.pptx"),
    ("ask", "gmv", "--export", "nowhere/x.md"),
    ("ask", "gmv", "--export", "x.md", "--export", "x.docx"),
    ("replay",),
    ("actions", "accept"),
    ("actions", "done"),
    ("actions", "edit"),
    ("actions", "bogus"),
    ("catalog", "show"),
    ("catalog", "approve"),
    ("catalog", "import", "dbt"),
    ("catalog", "export", "--out", "nowhere/x.md"),
    ("catalog", "export", "--format", "docx"),
    ("eval", "run"),
    ("eval", "periods"),
    ("eval", "periods", "nowhere.jsonl"),
    ("eval", "run", "nowhere.yml"),
    ("explain-table",),
    ("explain-table", "nowhere.parquet", "--dimensions", "a", "--actual", "b", "--expected", "c"),
    ("serve", "--port", "99999"),
    ("bogus",),
]


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_words_end_with_2_and_one_sentence(words: tuple[str, ...], tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    said = [desk.bare(*words, "--lang", lang) for lang in ("en", "zh")]
    if words[0] in ("actions", "bogus") and words[-1] == "bogus" or words == ("query", "--bogus"):
        said = [desk.bare(*words, env={"LANG": tag, "LC_ALL": tag}) for tag in ("C", "zh_CN.UTF-8")]
    assert [done.status for done in said] == [2, 2]
    english, chinese = (done.sentence() for done in said)
    assert not CHINESE.search(english) and CHINESE.search(chinese)
    assert not any(done.out for done in said)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("query", "--metrcs", "gmv"), "--metrics"),
        (("replay",), "ANSWER_ID"),
        (("explain-table", "x.parquet"), "--dimensions"),
        (("ask", "gmv", "lately"), "lately"),
    ],
)
def test_the_sentence_names_what_is_wrong(
    words: tuple[str, ...], name: str, tmp_path: Path
) -> None:
    assert name in Desk(tmp_path).bare(*words).sentence()


@pytest.mark.parametrize("words", [("eval", "periods"), ("eval", "conformance", "--cases")])
def test_a_file_that_holds_no_json_lines_ends_with_2(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_text('{"a": 1}\nnothing\n')
    rest = ("--tables", str(tmp_path), "--manifests", str(tmp_path)) if len(words) > 2 else ()
    done = Desk(tmp_path).bare(*words, str(file), *rest)
    assert done.status == 2 and "2" in done.sentence()


def test_a_file_that_is_no_table_ends_with_2(tmp_path: Path) -> None:
    file = tmp_path / "leaves.parquet"
    file.write_text("no table")
    columns = ("--dimensions", "a", "--actual", "b", "--expected", "c")
    done = Desk(tmp_path).bare("explain-table", str(file), *columns)
    assert done.status == 2 and "leaves.parquet" in done.sentence()


def test_a_manifest_that_is_none_ends_with_1(tmp_path: Path) -> None:
    file = tmp_path / "manifest.json"
    file.write_text("metrics: []")
    done = Desk(tmp_path).bare("catalog", "import", "dbt", str(file), "--out", str(tmp_path / "o"))
    assert done.status == 1 and done.sentence()


def test_a_suite_without_cases_ends_with_2(shop_folder: Path) -> None:
    file = str(shop_folder / "truth.yml")
    done = Desk(shop_folder)("eval", "run", file)
    assert done.status == 2 and "truth.yml" in done.sentence()


def test_no_word_at_all_shows_the_commands(tmp_path: Path) -> None:
    done = Desk(tmp_path).bare()
    assert done.status == 2 and "explain-table" in done.err
    assert Desk(tmp_path).bare("--help").status == 0


def test_every_export_and_every_chart_is_written(shop_folder: Path, tmp_path: Path) -> None:
    desk = Desk(shop_folder, tmp_path / "state")
    exports = [tmp_path / name for name in ("a.md", "b.md", "c.html", "d.csv")]
    charts = [tmp_path / name for name in ("a.png", "b.svg")]
    words = [word for file in exports for word in ("--export", str(file))]
    words += [word for file in charts for word in ("--chart", str(file))]
    done = desk("ask", "gmv by channel last month", *words)
    assert done.status == 0
    assert all(file.stat().st_size for file in (*exports, *charts))
    first, second = (file.read_text() for file in exports[:2])
    assert first == second.replace("b_1.png", "a_1.png")
    assert all(str(file) in done.err for file in (*exports, *charts))


def test_what_has_no_answer_is_not_exported(shop_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    done = Desk(shop_folder, tmp_path / "state")("ask", "the weather", "--export", str(file))
    assert done.status == 1 and done.err.strip() and not file.exists()
