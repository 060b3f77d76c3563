"""Owns the files of a run: JUnit for CI, one HTML page for people."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from eval.scorers.outcomes import Verdict


def write_junit(suite: str, verdicts: Sequence[Verdict], file: Path) -> None:
    """Write one test case per golden case, failures with their reasons."""
    wrong = sum(not verdict.right for verdict in verdicts)
    root = ElementTree.Element(
        "testsuite", name=suite, tests=str(len(verdicts)), failures=str(wrong)
    )
    for verdict in verdicts:
        seconds = f"{verdict.milliseconds / 1000:.3f}"
        node = ElementTree.SubElement(root, "testcase", name=verdict.case.id, time=seconds)
        if not verdict.right:
            reasons = " ".join(verdict.reasons)
            fault = ElementTree.SubElement(node, "failure", message=reasons)
            fault.text = f"{verdict.case.question}\n{verdict.got}"
    ElementTree.ElementTree(root).write(file, encoding="utf-8", xml_declaration=True)


def write_html(
    suite: str, content: dict[str, Any], verdicts: Sequence[Verdict], file: Path
) -> None:
    """Write the scores and every case that is not right as one page."""
    rows = "".join(
        f"<tr><td>{escape(v.case.id)}</td><td>{escape(v.case.question)}</td>"
        f"<td>{escape(' '.join(v.reasons))}</td><td>{escape(v.got)}</td></tr>"
        for v in verdicts
        if not v.right
    )
    figures = "".join(
        f"<li>{escape(name)}: {content[name]['hits']} / {content[name]['total']} "
        f"({content[name]['share']:.1%})</li>"
        for name in ("right", "over_refused", "confidently_wrong", "coverage")
    )
    file.write_text(
        f"<!doctype html><meta charset=utf-8><title>{escape(suite)}</title>"
        f"<h1>{escape(suite)}</h1><ul>{figures}</ul><table border=1>{rows}</table>",
        encoding="utf-8",
    )
