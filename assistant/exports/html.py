"""Owns HTML: a report as one file that loads nothing, every value escaped."""

from base64 import b64encode
from html import escape
from pathlib import Path

from assistant.exports.report import Report, Section, Table
from assistant.insights.charts.matplotlib import draw

MOST_ROWS = 200
WIDTH = 1440
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
STYLE = """
body{font:15px/1.6 "Noto Sans SC","PingFang SC","Microsoft YaHei",system-ui,sans-serif;
color:#1f2933;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2.5rem}h3{font-size:1rem;margin:1.2rem 0 .3rem}
img{max-width:100%;height:auto;border:1px solid #e4e7eb;border-radius:6px}
.chip{display:inline-block;border:1px solid #cbd2d9;border-radius:1rem;padding:0 .7rem;
margin:0 .3rem .3rem 0;font-size:.85rem}
.act{border-left:4px solid #0072b2;padding:.2rem 1rem;background:#f5f7fa}
table{border-collapse:collapse;font-size:.9rem}th,td{border-bottom:1px solid #e4e7eb;
padding:.25rem .8rem;text-align:left}td.number,th.number{text-align:right;
font-variant-numeric:tabular-nums}pre{background:#f5f7fa;padding:.8rem;overflow-x:auto;
font-size:.8rem}footer{color:#616e7c;font-size:.8rem;margin-top:.8rem}
@media print{section{break-inside:avoid}}
"""


def write(report: Report, path: Path) -> None:
    """Write the page; charts are inside it as pictures with their alt text."""
    language = "zh-CN" if report.language == "zh" else "en"
    body = "\n".join(_section(report, section) for section in report.sections)
    title = f"<h1>{escape(report.title)}</h1>" if len(report.sections) > 1 else ""
    page = (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(report.title)}</title><style>{STYLE}</style></head>"
        f"<body><main>{title}\n{body}</main></body></html>\n"
    )
    path.write_text(page, "utf-8")


def _section(report: Report, section: Section) -> str:
    level = "h2" if len(report.sections) > 1 else "h1"
    chips = "".join(
        f'<span class="chip">{escape(report.say("chip", label=label, value=value))}</span>'
        for label, value in section.chips
    )
    receipt = [report.say("chip", label=label, value=value) for label, value in section.receipt]
    parts = [
        f"<{level}>{escape(section.headline)}</{level}>",
        f"<p>{escape(report.say('question', question=section.question))}</p>",
        f"<p>{chips}</p>" if chips else "",
        _picture(report, section),
        _list(report, "why", section.narrative),
        _list(report, "recommendation", section.recommendation, "act"),
        _table(report, section.table) if section.table else "",
        _list(report, "receipt", receipt),
        f"<pre>{escape(section.sql)}</pre>" if section.sql else "",
        f"<footer>{escape(section.footer)}</footer>",
    ]
    return "<section>" + "\n".join(part for part in parts if part) + "</section>"


def _picture(report: Report, section: Section) -> str:
    if section.chart is None:
        return ""
    data = b64encode(draw(section.chart, "png", WIDTH, report.drawers)).decode("ascii")
    alt = escape(section.chart.frame.alt)
    return f'<img alt="{alt}" src="data:image/png;base64,{data}">'


def _list(report: Report, title: str, lines: tuple[str, ...] | list[str], style: str = "") -> str:
    if not lines:
        return ""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<div class="{style}"><h3>{escape(report.say(title))}</h3><ul>{items}</ul></div>'


def _table(report: Report, table: Table) -> str:
    if not table.rows:
        return ""
    styles = ["" if field.unit is None else ' class="number"' for field in table.fields]
    head = "".join(
        f'<th scope="col"{style}>{escape(field.label)}</th>'
        for style, field in zip(styles, table.fields, strict=True)
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td{styles[place]}>{escape(table.text(place, cell, report.language))}</td>"
            for place, cell in enumerate(row)
        )
        + "</tr>"
        for row in table.rows[:MOST_ROWS]
    )
    left_out = len(table.rows) - MOST_ROWS
    more = f"<p>{escape(report.say('more_rows', count=left_out))}</p>" if left_out > 0 else ""
    title = escape(report.say("data"))
    return (
        f"<h3>{title}</h3><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{more}"
    )
