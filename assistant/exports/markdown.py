"""Owns Markdown: a report as text with its charts as pictures beside it."""

import re
from pathlib import Path

from assistant.exports.report import Report, Section, Table
from assistant.insights.charts.matplotlib import draw

MOST_ROWS = 50
_SPECIAL = re.compile(
    r"[\\`*_\[\]|<>~$&#@]"
    r"|^(?:[-+=:]|\d+[.)])"
    r"|(?<=[a-z]):(?=//)|(?<=www)\.",
    re.IGNORECASE,
)
"""What makes markup inside a line, at its start, or turns a bare address into a link."""
WIDTH = 1200


def write(report: Report, path: Path) -> None:
    """Write the text to `path` and each chart to `<name>_<number>.png` beside it."""
    parts = [f"# {escaped(report.title)}"] if len(report.sections) > 1 else []
    for number, section in enumerate(report.sections, 1):
        picture = path.with_name(f"{path.stem}_{number}.png")
        if section.chart is not None:
            picture.write_bytes(draw(section.chart, "png", WIDTH, report.drawers))
        parts += _section(report, section, picture.name)
    path.write_text("\n\n".join(parts) + "\n", "utf-8")


def escaped(text: str) -> str:
    """Return text that reads as itself: no markup, no HTML, one line."""
    return _SPECIAL.sub(_slashed, " ".join(text.split()))


def _slashed(match: re.Match[str]) -> str:
    """A backslash before the mark itself, which in `1.` stands last."""
    return f"{match[0][:-1]}\\{match[0][-1]}"


def _section(report: Report, section: Section, picture: str) -> list[str]:
    level = "##" if len(report.sections) > 1 else "#"
    parts = [f"{level} {escaped(section.headline)}"]
    parts.append(escaped(report.say("question", question=section.question)))
    chips = [report.say("chip", label=label, value=value) for label, value in section.chips]
    if chips:
        parts.append(" · ".join(escaped(chip) for chip in chips))
    if section.chart is not None:
        parts.append(f"![{escaped(section.chart.frame.alt)}](<{picture}>)")
    parts += _lines(report, "why", section.narrative)
    parts += _lines(report, "recommendation", section.recommendation)
    if section.table is not None and section.table.rows:
        parts += [f"**{escaped(report.say('data'))}**", _table(report, section.table)]
        left_out = len(section.table.rows) - MOST_ROWS
        if left_out > 0:
            parts.append(escaped(report.say("more_rows", count=left_out)))
    receipt = [report.say("chip", label=label, value=value) for label, value in section.receipt]
    parts += _lines(report, "receipt", receipt)
    if section.sql:
        parts.append(_fenced(section.sql))
    if section.footer:
        parts.append(escaped(section.footer))
    return parts


def _lines(report: Report, title: str, lines: tuple[str, ...] | list[str]) -> list[str]:
    if not lines:
        return []
    listed = "\n".join(f"- {escaped(line)}" for line in lines)
    return [f"**{escaped(report.say(title))}**", listed]


def _table(report: Report, table: Table) -> str:
    head = " | ".join(escaped(field.label) for field in table.fields)
    rule = " | ".join("---" if field.unit is None else "---:" for field in table.fields)
    rows = [
        " | ".join(
            escaped(table.text(place, cell, report.language)) for place, cell in enumerate(row)
        )
        for row in table.rows[:MOST_ROWS]
    ]
    return "\n".join(f"| {line} |" for line in (head, rule, *rows))


def _fenced(sql: str) -> str:
    """The statement in a fence longer than any run of backticks inside."""
    runs = [len(run) for run in re.findall(r"`+", sql)]
    fence = "`" * max(3, *(run + 1 for run in runs), 3)
    return f"{fence}sql\n{sql}\n{fence}"
