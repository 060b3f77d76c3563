"""`ask` and `read` as a user calls them: exit codes, the object of the contract, both languages."""

import json
from pathlib import Path

import pytest

from assistant.wiring import Assistant
from tests.assistant.interfaces.commands import Desk, check_asked, check_reading

ANSWERED = (
    ("上个月订单数是多少", "value"),
    ("orders by channel last month", "breakdown"),
    ("过去六个月每月成交额趋势", "trend"),
    ("top 3 cities by GMV last month", "ranking"),
    ("上个月订单数同比", "growth"),
    ("why did repurchase rate drop in October", "explain"),
    ("复购率的口径是什么", "definition"),
)
OCTOBER = "is_paid and ordered_at >= '2026-10-01' and ordered_at < '2026-11-01'"


@pytest.mark.parametrize(("question", "intent"), ANSWERED)
def test_an_answer_has_the_shape_of_the_contract(desk: Desk, question: str, intent: str) -> None:
    done = desk("ask", question, "--json")
    assert done.status == 0, done.out
    asked = done.json
    check_asked(asked)
    assert asked["outcome"] == "answer" and asked["intent"] == intent


def test_the_number_is_that_of_the_data(desk: Desk, shop_session: Assistant) -> None:
    asked = desk("ask", "上个月各渠道订单数", "--json").json
    sql = f"select channel, count(*) from orders where {OCTOBER} group by 1"
    counted = dict(shop_session.executor.fetch(sql, {}, 100))
    columns = [column["name"] for column in asked["rows"]["columns"]]
    rows = [dict(zip(columns, row, strict=True)) for row in asked["rows"]["rows"]]
    assert {row["channel"]: row["orders"] for row in rows} == counted
    assert asked["period"] == {"start": "2026-10-01", "end_exclusive": "2026-11-01"}


def test_parts_and_residual_add_up_to_the_change(desk: Desk) -> None:
    asked = desk("ask", "why did repurchase rate drop in October", "--json").json
    totals: dict[str | None, float] = {}
    for driver in asked["drivers"]:
        totals[driver["dimension"]] = totals.get(driver["dimension"], 0.0) + driver["effect"]
    assert totals
    for total in totals.values():
        assert total == pytest.approx(asked["change"]["absolute"], rel=1e-6, abs=1e-9)


def test_a_refusal_and_a_question_back_end_with_1(desk: Desk) -> None:
    refused = desk("ask", "量子纠缠系数是多少", "--json")
    assert refused.status == 1
    check_asked(refused.json)
    assert refused.json["outcome"] == "refusal"
    asked_back = desk("ask", "orders where 77", "--json")
    assert asked_back.status == 1
    check_asked(asked_back.json)
    assert asked_back.json["outcome"] == "clarification"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_language_can_be_chosen(desk: Desk, lang: str) -> None:
    for question in ("上个月订单数", "orders last month"):
        asked = desk("ask", question, "--lang", lang, "--json").json
        assert asked["language"] == lang
        assert ("订单数" in asked["headline"]) == (lang == "zh")


def test_without_a_choice_the_question_decides(desk: Desk) -> None:
    assert desk("ask", "上个月订单数", "--json").json["language"] == "zh"
    assert desk("ask", "orders last month", "--json", env={"LANG": "zh_CN.UTF-8"}).json[
        "language"
    ] == ("en")


def test_the_day_asked_moves_the_period(desk: Desk) -> None:
    asked = desk("ask", "orders last month", "--as-of", "2026-09-01", "--json").json
    assert asked["period"] == {"start": "2026-08-01", "end_exclusive": "2026-09-01"}


def test_the_card_shows_the_answer_and_its_id(desk: Desk) -> None:
    asked = desk("ask", "orders last month", "--json").json
    card = desk("ask", "orders last month")
    assert card.status == 0
    assert card.out.splitlines()[0] == asked["headline"]
    assert asked["answer_id"] in card.out


def test_reading_alone(desk: Desk) -> None:
    done = desk("read", "上个月App的订单数，按城市", "--json")
    assert done.status == 0
    check_reading(done.json)
    assert done.json["metrics"] == ["orders"]
    assert done.json["group_by"] == ["city"]
    assert done.json["filters"] == {"dimension": "channel", "op": "=", "values": ["app"]}


def write(file: Path, *lines: object) -> Path:
    file.write_text("\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines), "utf-8")
    return file


def test_a_batch_answers_line_by_line(desk: Desk, tmp_path: Path) -> None:
    file = write(
        tmp_path / "batch.jsonl",
        {"id": "a", "question": "orders last month"},
        {"id": "b", "question": "what about August", "after": "a"},
        {"id": 3, "text": "上个月订单数", "as_of": "2026-09-01"},
        {"id": "d", "question": "量子纠缠系数"},
    )
    done = desk("ask", "--batch", str(file), "--as-of", "2026-11-01", "--json")
    assert done.status == 0
    a, b, c, d = done.lines
    for line in done.lines:
        check_asked(line)
    assert [line["id"] for line in done.lines] == ["a", "b", 3, "d"]
    assert b["metrics"] == ["orders"]
    assert b["period"] == c["period"] == {"start": "2026-08-01", "end_exclusive": "2026-09-01"}
    assert a["period"]["start"] == "2026-10-01"
    assert d["outcome"] == "refusal"


def test_a_batch_can_be_read_only(desk: Desk, tmp_path: Path) -> None:
    file = write(
        tmp_path / "batch.jsonl",
        {"id": "1", "text": "GMV by channel last month"},
        {"id": "2", "text": "and by city", "after": "1"},
    )
    done = desk("read", "--batch", str(file), "--json")
    assert done.status == 0
    for line in done.lines:
        check_reading(line)
    assert [line["group_by"] for line in done.lines] == [["channel"], ["city"]]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("no json", "broken_line"),
        ("[1]", "broken_line"),
        ("null", "broken_line"),
        ("[" * 100_000, "broken_line"),
        ('{"id": "x"}', "broken_line"),
        ('{"question": 7}', "broken_line"),
        ('{"question": "orders", "as_of": "31/12/2026"}', "wrong_date"),
        ('{"question": "orders", "as_of": 20261231}', "wrong_date"),
    ],
)
def test_a_broken_line_stops_no_other(desk: Desk, tmp_path: Path, line: str, reason: str) -> None:
    file = write(tmp_path / "batch.jsonl", line, {"id": "ok", "question": "orders last month"})
    for command in ("ask", "read"):
        done = desk(command, "--batch", str(file), "--json")
        assert done.status == 0
        assert done.lines[0]["refusal"]["reason"] == reason
        assert done.lines[1]["metrics"] == ["orders"]


def test_a_line_of_other_bytes_stops_no_other(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "batch.jsonl"
    file.write_bytes(
        b'\xff\xfe{"question"\n\xef\xbb\xbf{"id": 1, "question": "orders last month"}\n'
    )
    broken, answered = desk("ask", "--batch", str(file), "--json").lines
    assert broken["refusal"]["reason"] == "broken_line"
    assert answered["outcome"] == "answer"


STARTS = {
    "png": b"\x89PNG", "pptx": b"PK", "xlsx": b"PK", "md": b"#", "html": b"<!", "csv": b"",
}  # fmt: skip


@pytest.mark.parametrize("ending", STARTS)
def test_an_answer_is_exported(desk: Desk, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"answer.{ending}"
    done = desk("ask", "上个月各渠道订单数", "--export", str(file))
    assert done.status == 0, done.err
    assert file.read_bytes().lstrip(b"\xef\xbb\xbf").startswith(STARTS[ending])
    assert str(file) in done.err


def test_a_chart_is_drawn(desk: Desk, tmp_path: Path) -> None:
    for ending, start in ((".png", b"\x89PNG"), (".svg", b"<?xml")):
        file = tmp_path / f"chart{ending}"
        assert desk("ask", "上个月各渠道订单数", "--chart", str(file)).status == 0
        assert file.read_bytes().startswith(start)


@pytest.mark.parametrize(
    "words",
    [
        ("ask",),
        ("read",),
        ("ask", "orders", "--batch", "x.jsonl"),
        ("ask", "--batch", "missing.jsonl"),
        ("ask", "orders", "--as-of", "yesterday"),
        ("ask", "orders", "--lang", "fr"),
        ("ask", "orders", "--export", "answer.doc"),
        ("ask", "orders", "--export", "answer"),
        ("ask", "orders", "--export", "missing/answer.md"),
        ("ask", "orders", "--chart", "chart.gif"),
        ("ask", "orders", "--role", "ghost"),
        ("read", "orders", "--role", "ghost"),
        ("read", "orders", "--as-of", "2026-02-30"),
    ],
)
def test_wrong_usage_is_one_sentence_in_both_languages(desk: Desk, words: tuple[str, ...]) -> None:
    said = []
    for lang in ("zh_CN.UTF-8", "en_US.UTF-8"):
        done = desk(*words, env={"LC_ALL": lang})
        assert done.status == 2 and not done.out
        said.append(done.sentence())
    assert said[0] != said[1]
    if "--lang" not in words:
        assert desk(*words, "--lang", "zh").sentence() == said[0]


def test_an_unknown_option_or_command_ends_with_2(desk: Desk) -> None:
    for words in (("ask", "orders", "--nonsense"), ("nonsense",)):
        done = desk.bare(*words)
        assert done.status == 2 and "Traceback" not in done.err


def test_outside_a_project_it_says_so(desk: Desk, tmp_path: Path) -> None:
    for lang, words in (("en", "no `askmetric.toml`"), ("zh", "都没有 `askmetric.toml`")):
        done = desk.bare("ask", "orders", "--project", str(tmp_path), "--lang", lang)
        assert done.status == 2
        assert words in done.sentence()


def test_the_installed_command_finds_the_project_upwards(desk: Desk) -> None:
    done = desk.alone("ask", "上个月订单数", "--json", cwd=desk.project / "metrics")
    assert done.status == 0, done.err
    check_asked(done.json)
    assert done.err == ""


def test_bytes_that_are_no_text_are_answered(desk: Desk) -> None:
    done = desk.alone("ask", "orders last month \udcff", "--json", PYTHONIOENCODING="ascii")
    assert done.status in (0, 1), done.err
    check_asked(done.json)


@pytest.mark.parametrize(
    "question",
    ["which stores lost money last quarter", "上季度哪些门店亏损", "why do some stores lose money"],
)
def test_who_meets_a_condition_is_no_part_of_a_change(desk: Desk, question: str) -> None:
    asked = desk("ask", question, "--json").json
    assert (asked["change"], asked["drivers"]) == (None, [])
    segments = {segment["elements"][0]: segment["effect"] for segment in asked["segments"]}
    rows = {f"store={row[0]}": row[1] for row in asked["rows"]["rows"]}
    assert segments == pytest.approx(rows)
    assert asked["recommendation"]["segment"] in segments


@pytest.mark.parametrize(
    "question", ["GMV trend this year", "今年每月成交额趋势", "GMV in Shanghai vs Beijing"]
)
def test_there_is_no_change_without_a_base(desk: Desk, question: str) -> None:
    asked = desk("ask", question, "--json").json
    assert (asked["outcome"], asked["change"], asked["drivers"]) == ("answer", None, [])


@pytest.mark.parametrize(
    "question",
    [
        "why did 7-day retention drop in October",
        "7-day retention in October",
        "10月7日留存率",
        "7-day retention October vs September",
        "7-day retention in October compared with August",
        "why did paid conversion fall in October",
        "why has 7-day retention of new users fallen since September 14",
    ],
)
def test_value_rows_and_change_are_of_the_same_cohorts(desk: Desk, question: str) -> None:
    asked = desk("ask", question, "--json").json
    columns = [column["name"] for column in asked["rows"]["columns"]]
    row = dict(zip(columns, asked["rows"]["rows"][0], strict=True))
    metric, change = asked["metrics"][0], asked["change"]
    assert asked["value"] == pytest.approx(row[metric], rel=1e-12)
    assert change["current"] == pytest.approx(row[metric], rel=1e-12)
    if f"{metric}__base" in row:
        assert change["previous"] == pytest.approx(row[f"{metric}__base"], rel=1e-12)


def test_a_value_says_which_cohorts_it_counts(desk: Desk) -> None:
    value = desk("ask", "7-day retention in October", "--json").json
    why = desk("ask", "why did 7-day retention drop in October", "--json").json
    assert value["value"] == why["value"]
    assert value["period"] == {"start": "2026-10-01", "end_exclusive": "2026-11-01"}
    assert "Only complete cohorts count, those before 25 Oct 2026" in value["narrative"][0]
    assert "24 Oct 2026" in value["headline"]
    split = desk("ask", "7-day retention by platform in October", "--json").json
    assert value["narrative"][0] in split["narrative"]
    assert desk("replay", value["answer_id"]).status == 0


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("帮我查下最近复购率变化", "最近一期明显下降"),
        ("repurchase rate trend over the last 3 months", "fall"),
    ],
)
def test_a_last_month_below_expectation_is_part_of_the_trend(
    desk: Desk, question: str, said: str
) -> None:
    asked = desk("ask", question, "--json").json
    odd = [f["facts"]["start"] for f in asked["findings"] if f["kind"] == "anomaly"]
    assert (said in asked["headline"]) == ("2026-10-01" in odd), asked["headline"]


@pytest.mark.parametrize("question", ["weekly repurchase rate last month", "上个月每周复购率"])
def test_a_weekly_rate_over_a_month_is_the_mean_of_its_weeks(desk: Desk, question: str) -> None:
    asked = desk("ask", question, "--json").json
    weeks = ("weekly repurchase rate from 2026-10-05 to 2026-10-25 by week", "--json")
    rows = desk("ask", *weeks).json["rows"]["rows"]
    assert len(rows) == 3
    assert asked["value"] == pytest.approx(sum(row[1] for row in rows) / 3)
    assert asked["rows"]["rows"][0][0] == pytest.approx(asked["value"])
    assert asked["change"] is None


def test_a_card_says_what_to_do_what_it_wins_and_how_to_take_it_on(desk: Desk) -> None:
    for question, status in (
        ("why did repurchase rate drop in October", "published"),
        ("为什么10月复购率下降", "已发布"),
    ):
        asked, said = desk("ask", question, "--json").json, desk("ask", question).out
        best = asked["recommendation"]
        assert best["text"] in said and best["action"] in said and status in said
        assert f"askmetric actions accept {asked['answer_id']}" in said
