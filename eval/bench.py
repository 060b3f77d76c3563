"""Owns the benchmarks of the whole line: `python -m eval.bench` prints one table.

Times are wall-clock milliseconds on this machine; nothing is asserted. Targets: warm `ask` under
300 ms without a chart and under 1 s with one, cold `ask` under 5 s where a name settles the metric.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from assistant.asking import Conversation
from assistant.config import find_project
from assistant.insights.answer import Answer
from assistant.insights.charts.matplotlib import draw
from assistant.wiring import Assistant
from eval.bench_compile import main as compiling
from eval.bench_execution import main as execution

SHOP = Path(__file__).parents[1] / "examples" / "shop"
ROUNDS = 7
QUESTIONS = {
    "value": ("上个月GMV是多少", "what was GMV last month"),
    "breakdown": ("各渠道上个月GMV", "GMV by channel last month"),
    "trend": ("最近复购率变化", "repurchase rate trend this year"),
    "explain": ("上个月复购率为什么下降", "why did repurchase rate drop last month"),
}
MILLISECONDS = 1000


def timed(run: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """Return the milliseconds of each of `rounds` runs."""
    found = []
    for _ in range(rounds):
        started = time.perf_counter()
        run()
        found.append((time.perf_counter() - started) * MILLISECONDS)
    return found


def line(name: str, values: Sequence[float]) -> str:
    """Return one row: the median and the largest."""
    return f"{name:38} median {statistics.median(values):9.1f} ms   max {max(values):9.1f} ms"


def bench_asking() -> list[str]:
    """Return the rows of warm questions, with and without drawing their chart."""
    assistant = Assistant(find_project(None, SHOP))
    conversation = Conversation(assistant, keep=False)
    rows = []
    for name, questions in QUESTIONS.items():
        asked = [conversation.question(text, None, None) for text in questions]
        for question in asked:
            _drawn(conversation, question)  # what is made once is made now
        plain = [ms for q in asked for ms in timed(lambda q=q: conversation.ask(q))]  # type: ignore[misc]
        drawn = [ms for q in asked for ms in timed(lambda q=q: _drawn(conversation, q))]  # type: ignore[misc]
        rows += [line(f"ask, warm: {name}", plain), line(f"ask with chart, warm: {name}", drawn)]
        read = [ms for q in asked for ms in timed(lambda q=q: conversation.read(q))]  # type: ignore[misc]
        rows.append(line(f"read: {name}", read))
    return rows


def _drawn(conversation: Conversation, question: object) -> None:
    outcome = conversation.ask(question).outcome  # type: ignore[arg-type]
    if isinstance(outcome, Answer) and outcome.chart is not None:
        draw(outcome.chart)


def bench_cold() -> str:
    """Return the row of `askmetric ask` in a process of its own."""
    script = "from assistant.interfaces.cli.app import main; main()"
    command = [sys.executable, "-c", script, "ask", "上个月GMV是多少", "--project", str(SHOP)]
    runs = timed(lambda: subprocess.run(command, capture_output=True, check=True), 3)
    return line("ask, cold", runs)


def bench_generation() -> str:
    """Return the row of the shop's generation at scale 1."""
    out = Path(os.devnull).parent / "shm" / "bench_shop.duckdb"
    file = out if out.parent.is_dir() else SHOP / "data" / "bench.duckdb"
    command = [sys.executable, str(SHOP / "generate.py"), "--out", str(file)]
    runs = timed(lambda: subprocess.run(command, capture_output=True, check=True), 1)
    file.unlink(missing_ok=True)
    return line("shop, generated at scale 1", runs)


def main() -> None:
    """Print every row."""
    for row in bench_asking():
        print(row)
    print(bench_cold())
    print(bench_generation())
    compiling()
    execution()


if __name__ == "__main__":
    main()
