"""Measures why-questions over many rows: CPU seconds and peak memory of one answer.

`python -m eval.bench_large [ROWS]`: invented sales of two months by six dimensions, in a project
of its own; one pair of members falls in the second month. Asked of a sum and of a ratio once the
database is open; the peak is that of the whole process.
"""

import argparse
import datetime as dt
import resource
import tempfile
import time
from pathlib import Path

import duckdb

from assistant.asking import Conversation
from assistant.config import find_project
from assistant.wiring import Assistant
from metric_catalog.approvals import approve, write_approval

ROWS = 10_000_000
MEMBERS = (20, 20, 15, 10, 8, 30)
DAYS = 61
FALLEN = "d1 = 'm3' AND d2 = 'm5'"
PLANTED = {"d1=m3", "d2=m5"}
WARM = "turnover last month"
QUESTIONS = ("why did turnover change last month", "why did the success rate change last month")
SETTINGS = 'name = "large"\n[data]\ndatabase = "large.duckdb"\nas_of = "2026-11-01"\n'
MODEL = """
semantic_models:
  - id: sales_rows
    table: sales_rows
    time_dimension: day
    entities: [{name: sale, type: primary, expr: sale_id}]
    dimensions:
      - {name: day, type: time, grain: day}
"""
MEASURES = """
    measures:
      - {name: amount, agg: sum, expr: amount}
      - {name: tried, agg: sum, expr: tried}
metrics:
"""
METRICS = {
    "turnover": "type: simple\n    model: sales_rows\n    measure: amount\n    unit: count",
    "tries": "type: simple\n    model: sales_rows\n    measure: tried\n    unit: count",
    "success_rate": "type: ratio\n    numerator: {metric: turnover}\n"
    "    denominator: {metric: tries}\n    unit: ratio",
}
COMMON = """
    description: {en: invented, zh: 虚构}
    caliber: {en: invented, zh: 虚构}
    direction: up_good
    owner: benchmark
    status: published
    changed_by: analyst
"""


def make_project(folder: Path, rows: int) -> Assistant:
    """Write the project with its data and open it."""
    dimensions = [f"d{place}" for place in range(1, len(MEMBERS) + 1)]
    listed = "\n".join(f"      - {{name: {name}}}" for name in dimensions)
    metrics = "".join(
        f"  - id: {name}\n    name: {{en: {name.replace('_', ' ')}, zh: {name}}}\n    {of}{COMMON}"
        for name, of in METRICS.items()
    )
    (folder / "metrics").mkdir()
    text = MODEL.rstrip() + "\n" + listed + MEASURES + metrics
    (folder / "metrics" / "sales.yml").write_text(text, "utf-8")
    (folder / "askmetric.toml").write_text(SETTINGS, "utf-8")
    columns = ", ".join(
        f"'m' || (hash(i * 7 + {place}) % {count}) AS {name}"
        for place, (name, count) in enumerate(zip(dimensions, MEMBERS, strict=True))
    )
    with duckdb.connect(str(folder / "large.duckdb")) as connection:
        connection.execute("SET memory_limit = '200MB'")  # the peak is to be that of the answer
        connection.execute(
            f"CREATE TABLE sales_rows AS SELECT *, CASE WHEN day >= DATE '2026-10-01' AND {FALLEN}"
            " THEN 0.3 ELSE 1.0 END * (1 + hash(sale_id) % 5) AS amount, 10.0 AS tried FROM"
            f" (SELECT i AS sale_id, DATE '2026-09-01' + CAST(i * {DAYS} // {rows} AS INTEGER)"
            f" AS day, {columns} FROM range({rows}) AS r(i))"
        )
    project = find_project(None, folder)
    for name in METRICS:
        catalog = Assistant(project).catalog
        given = approve(catalog, name, "owner", "benchmark", dt.date(2026, 11, 1))
        write_approval(project.approvals_file, given)
    return Assistant(project)


def measure(assistant: Assistant) -> None:
    """Print a line per question."""
    conversation = Conversation(assistant, keep=False)
    conversation.ask(conversation.question(WARM, None, None))
    for text in QUESTIONS:
        cpu, wall = time.process_time(), time.perf_counter()
        content = conversation.ask(conversation.question(text, None, None)).content
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        first = content["segments"][0]["elements"] if content["segments"] else []
        print(
            f"{text:45} CPU {cpu:5.2f} s  wall {wall:5.2f} s  peak {peak:4.0f} MB"
            f"  planted pair first: {set(first) == PLANTED}",
            flush=True,
        )


def main() -> None:
    """Make the project, ask, and take it away."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=ROWS)
    with tempfile.TemporaryDirectory() as folder:
        measure(make_project(Path(folder), parser.parse_args().rows))


if __name__ == "__main__":
    main()
