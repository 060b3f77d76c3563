"""Owns the benchmark of compiling: all outside requests, and MetricFlow's time beside ours.

MetricFlow runs in an environment of its own, whose Python `ASKMETRIC_METRICFLOW_PYTHON` names. It
is asked for all requests right before we are, round by round, so that both see the same machine.
Times are milliseconds from the request's text to SQL, warm: the first round of each side is not
counted.
"""

import json
import os
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from eval.conformance import MANIFESTS, Folder, read_requests
from eval.conformance_requests import Request, to_query
from executors.compiler.compile import compile_query
from metric_catalog.catalog import Catalog
from metric_catalog.interchange.dbt import import_manifest
from metric_catalog.policy import EVERYTHING

CASES, PEER = "ASKMETRIC_CONFORMANCE", "ASKMETRIC_METRICFLOW_PYTHON"
ROUNDS = 3
MILLISECONDS = 1000

Times = dict[int, list[float]]


def bench_compiling(folder: Folder, python: str | None = None) -> list[str]:
    """Return the rows of the report: ours, and MetricFlow's with the ratio where it is there."""
    requests = read_requests(folder.cases)
    files = {r.model: str(_manifest(folder, r.model)) for r in requests}
    catalogs = {model: import_manifest(Path(file)).catalog for model, file in files.items()}
    ours: Times = {}
    theirs: Times = {}
    with _peer(python, files) as peer:
        for round_ in range(ROUNDS + 1):
            others = [_asked(peer, request) for request in requests]
            mine = [_compiled(request, catalogs[request.model]) for request in requests]
            if not round_:
                continue
            for request, there, here in zip(requests, others, mine, strict=True):
                ours.setdefault(request.index, []).append(here)
                if there is not None:
                    theirs.setdefault(request.index, []).append(there)
    rows = [_line(f"compile, {len(ours)} requests", _medians(ours))]
    if theirs:
        both = {index: ours[index] for index in theirs}
        left, right = _medians(both), _medians(theirs)
        rows.append(_line(f"compile, the {len(both)} that MetricFlow answers", left))
        rows.append(_line("MetricFlow, the same", right))
        ratios = [b / a for a, b in zip(left, right, strict=True)]
        rows.append(
            f"{'MetricFlow / ours, per request':44} median {statistics.median(ratios):8.1f}    "
            f"least {min(ratios):8.1f}"
        )
    return rows


def _manifest(folder: Folder, model: str) -> Path:
    return folder.manifests / f"{MANIFESTS.get(model, model.lower().removesuffix('_model'))}.json"


def _compiled(request: Request, catalog: Catalog) -> float:
    started = time.perf_counter()
    compile_query(to_query(request, catalog), catalog, EVERYTHING).sql("duckdb")
    return (time.perf_counter() - started) * MILLISECONDS


class _Peer:
    """The other process: a request in, its milliseconds out."""

    def __init__(self, lines: IO[str], answers: IO[str]) -> None:
        self.lines, self.answers = lines, answers

    def ask(self, content: object) -> float | None:
        """Return the milliseconds of one request, None where it was refused."""
        self.lines.write(json.dumps(content) + "\n")
        self.lines.flush()
        found = json.loads(self.answers.readline() or "null")
        return None if found is None else float(found)


@contextmanager
def _peer(python: str | None, files: dict[str, str]) -> Iterator[_Peer | None]:
    if python is None:
        yield None
        return
    script = str(Path(__file__).with_name("bench_metricflow.py"))
    with subprocess.Popen(
        [python, script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(files) + "\n")
        yield _Peer(process.stdin, process.stdout)
        process.stdin.close()


def _asked(peer: _Peer | None, request: Request) -> float | None:
    return peer.ask(request.content) if peer else None


def _medians(times: Times) -> list[float]:
    return [statistics.median(each) for each in times.values()]


def _line(name: str, values: list[float]) -> str:
    p90 = statistics.quantiles(values, n=10)[-1] if len(values) > 1 else values[0]
    return f"{name:44} median {statistics.median(values):8.1f} ms   p90 {p90:8.1f} ms"


def main() -> None:
    """Print the rows, or why there are none."""
    directory = os.environ.get(CASES)
    if not directory:
        print(f"compile: not measured, {CASES} names no folder")
        return
    python = os.environ.get(PEER) or None
    for row in bench_compiling(Folder.of(Path(directory) / "metricflow"), python):
        print(row, flush=True)
    if python is None:
        print(f"MetricFlow: not measured, {PEER} names no Python")


if __name__ == "__main__":
    main()
