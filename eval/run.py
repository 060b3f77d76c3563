"""Owns a run of a suite: ask every case, judge, report."""

import datetime as dt
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.asking import Conversation
from assistant.config import Project, find_project
from assistant.wiring import Assistant
from eval.case import Case, read_cases, suite_files
from eval.report import write_html, write_junit
from eval.scorers.outcomes import Verdict, judge
from eval.scorers.results import RunSql
from eval.scores import scores
from executors.executor import ExecutorError
from metric_catalog.errors import CatalogError

PASSED, FAILED = 0, 1
CHECK_ROWS = 10_000
# What a fault of the program raises: it fails its case, and the suite goes on.
BUGS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
EXAMPLES = Path(__file__).parents[1] / "examples"


def run_cases(cases: Sequence[Case], assistant: Assistant, as_of: dt.date | None) -> list[Verdict]:
    """Return the verdict on every case, with a progress bar where a person watches."""
    verdicts = []
    for position, case in enumerate(cases, 1):
        verdicts.append(run_case(case, assistant, as_of))
        _progress(position, len(cases), verdicts)
    return verdicts


def run_case(case: Case, assistant: Assistant, as_of: dt.date | None) -> Verdict:
    """Return the verdict on one case; an exception of the line is a failure of the case."""
    conversation = Conversation(assistant, case.role, keep=False)
    day = case.as_of or as_of
    before = None
    for position, turn in enumerate(case.turns):
        asked = conversation.question(turn.question, day, None, before)
        before = f"turn{position}"
        conversation.ask(asked, before)
    question = conversation.question(case.question, day, None, before)
    started = time.perf_counter()
    try:
        content = conversation.ask(question).content
    except (CatalogError, ExecutorError, *BUGS) as error:
        return Verdict(case, "refusal", ("FAILED",), 0.0, str(error))
    milliseconds = (time.perf_counter() - started) * 1000
    return judge(case, content, _sql_runner(assistant), milliseconds)


def _sql_runner(assistant: Assistant) -> RunSql:
    return lambda sql: assistant.executor.fetch(sql, {}, CHECK_ROWS)


def _progress(position: int, total: int, verdicts: Sequence[Verdict]) -> None:
    if sys.stderr.isatty():
        wrong = sum(not v.right for v in verdicts)
        sys.stderr.write(f"\r{position}/{total}  {wrong} not right ")
        sys.stderr.write("\n" if position == total else "")
        sys.stderr.flush()


def project_of(suite: str, project: Path | None) -> Project:
    """Return the project named, else the example of the suite's name, else the nearest."""
    if project is None and (EXAMPLES / suite.split("_")[0]).is_dir():
        return find_project(None, EXAMPLES / suite.split("_")[0])
    return find_project(Path.cwd(), project)


def run_suite(
    suite: str,
    as_of: dt.date | None,
    as_json: bool,
    junit: Path | None,
    html: Path | None,
    project: Path | None,
    with_model: bool = False,
) -> int:
    """Run a suite and print its report; return 1 where an approved case is broken, else 0.

    `with_model`: the language model of the environment helps to read; without it none does, so
    that a run says the same everywhere.
    """
    assistant = Assistant(project_of(suite, project), with_model)
    cases = [case for file in suite_files(suite) for case in read_cases(file)]
    verdicts = run_cases(cases, assistant, as_of)
    content = {
        "suite": suite,
        **scores(verdicts),
        "wrong": [_wrong(v) for v in verdicts if not v.right],
    }
    if junit is not None:
        write_junit(suite, verdicts, junit)
    if html is not None:
        write_html(suite, content, verdicts, html)
    _print(content, as_json)
    broken = [v for v in verdicts if v.case.approved_by and not v.right]
    return FAILED if broken else PASSED


def _wrong(verdict: Verdict) -> dict[str, Any]:
    return {
        "id": verdict.case.id,
        "question": verdict.case.question,
        "reasons": list(verdict.reasons),
        "confidently_wrong": verdict.confidently_wrong,
        "got": verdict.got,
    }


def _print(content: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(content, ensure_ascii=False))
        return
    for item in content["wrong"]:
        print(f"{item['id']}: {' '.join(item['reasons'])}\n  {item['question']}\n  {item['got']}")
    for name in ("right", "over_refused", "confidently_wrong", "coverage"):
        found = content[name]
        low, high = found["interval"]
        print(
            f"{name:18} {found['hits']}/{found['total']} = {found['share']:.1%}"
            f" [{low:.1%}, {high:.1%}]"
        )
    for lang, found in content["languages"].items():
        print(f"  {lang}: {found['share']:.1%}")
    print(f"parity gap {content['parity_gap']} points, {content['milliseconds']} ms")
