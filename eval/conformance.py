"""Owns the conformance run: outside requests on outside tables, answered by our own pipeline.

A folder holds `cases.jsonl`, `tables/*.parquet` and `manifests/*.json`. Every request ends as
pass, unsupported (a typed refusal), wrong or error.
"""

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from eval.compare import json_row, same_rows
from eval.conformance_requests import Request, to_query
from executors.compiler.compile import compile_query
from executors.duckdb import DuckDBExecutor
from executors.executor import Executor, ExecutorError, Limits
from executors.result import ResultTable
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.interchange.dbt import import_manifest
from metric_catalog.issues import Issue, issue
from metric_catalog.policy import EVERYTHING
from metric_catalog.query import MetricQuery

Status = Literal["ok", "unsupported", "error"]
Verdict = Literal["pass", "unsupported", "wrong", "error", "unjudged"]
VERDICTS: tuple[Verdict, ...] = ("pass", "unsupported", "wrong", "error", "unjudged")
PASS_SHARE = 0.98
ROW_LIMIT = 5_000_000
SHOWN_ROWS = 3
MANIFESTS = {
    "SIMPLE_MODEL": "simple",
    "EXTENDED_DATE_MODEL": "extended_date",
    "UNPARTITIONED_MULTI_HOP_JOIN_MODEL": "multi_hop_join",
    "SCD_MODEL": "scd",
    "SIMPLE_MODEL_NON_DS": "non_sm",
    "PARTITIONED_MULTI_HOP_JOIN_MODEL": "partitioned_multi_hop_join",
}
_BUGS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)

Answer = Callable[[MetricQuery, Catalog, Executor], ResultTable]


@dataclass(frozen=True)
class Folder:
    """Where the requests, the tables and the manifests are."""

    cases: Path
    tables: Path
    manifests: Path

    @classmethod
    def of(
        cls,
        directory: Path,
        cases: Path | None = None,
        tables: Path | None = None,
        manifests: Path | None = None,
    ) -> "Folder":
        """Return the usual places inside `directory`, each replaced where it is given."""
        return cls(
            cases or directory / "cases.jsonl",
            tables or directory / "tables",
            manifests or directory / "manifests",
        )


@dataclass(frozen=True)
class Result:
    """What one request gave: `status` says nothing about right or wrong, `verdict` does."""

    request: Request
    status: Status
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    reason: str = ""
    issues: tuple[Issue, ...] = ()
    verdict: Verdict = "unjudged"

    def to_json(self) -> dict[str, Any]:
        """Return {index, status, columns, rows, reason}."""
        return {
            "index": self.request.index,
            "status": self.status,
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows] if self.status == "ok" else None,
            "reason": self.reason or None,
        }


@dataclass(frozen=True)
class Report:
    """All results; passed where nothing is wrong and enough is answered."""

    results: tuple[Result, ...]

    def count(self, verdict: Verdict, feature: str | None = None) -> int:
        """Return how many results (of a feature) ended as `verdict`."""
        return sum(
            item.verdict == verdict and (feature is None or feature in item.request.features)
            for item in self.results
        )

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong and the share of passes is high enough."""
        judged = len(self.results) - self.count("unjudged")
        bad = self.count("wrong") + self.count("error")
        return not bad and self.count("pass") >= PASS_SHARE * judged

    def to_json(self) -> dict[str, Any]:
        """Return the counts in all and per feature, and what did not pass with its reason."""
        features = sorted({name for item in self.results for name in item.request.features})
        return {
            "cases": len(self.results),
            **{verdict: self.count(verdict) for verdict in VERDICTS},
            "passed": self.passed,
            "features": {
                name: {verdict: self.count(verdict, name) for verdict in VERDICTS}
                for name in features
            },
            "failures": [
                {"index": r.request.index, "verdict": r.verdict, "reason": r.reason}
                for r in self.results
                if r.verdict not in ("pass", "unjudged")
            ],
        }


def answer_directly(query: MetricQuery, catalog: Catalog, executor: Executor) -> ResultTable:
    """Return the rows of `query`, compiled and run with the right to see everything."""
    return executor.run(compile_query(query, catalog, EVERYTHING), query)


def conformance(folder: Folder, answer: Answer = answer_directly) -> Report:
    """Return the report of every request in `folder`; raises OSError, ValueError, ExecutorError."""
    requests = read_requests(folder.cases)
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "tables.duckdb"
        load_tables(folder.tables, file)
        executor = DuckDBExecutor(file, Limits(rows=ROW_LIMIT))
        try:
            results = tuple(_results(requests, folder.manifests, executor, answer))
        finally:
            executor.close()
    return Report(results)


def write_rows(report: Report, file: Path) -> None:
    """Write one line of JSON per request."""
    lines = (json.dumps(result.to_json(), ensure_ascii=False) for result in report.results)
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def read_requests(file: Path) -> tuple[Request, ...]:
    """Return the requests of `file`; a line without an index gets its position."""
    lines = file.read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines if line.strip()]
    return tuple(Request(int(item.get("index", place)), item) for place, item in enumerate(found))


def load_tables(folder: Path, file: Path) -> None:
    """Load every Parquet file of `folder` as a table of its name into a new DuckDB file."""
    import duckdb

    try:
        with duckdb.connect(str(file)) as connection:
            for table in sorted(folder.glob("*.parquet")):
                connection.read_parquet(str(table)).create(table.stem)
    except duckdb.Error as error:
        raise ExecutorError("load_failed", cause=str(error).splitlines()[0]) from error


def _results(
    requests: tuple[Request, ...], manifests: Path, executor: Executor, answer: Answer
) -> Iterator[Result]:
    catalogs: dict[str, Catalog | CatalogError] = {}
    for request in requests:
        if request.model not in catalogs:
            catalogs[request.model] = _catalog(manifests, request.model)
        catalog = catalogs[request.model]
        if isinstance(catalog, CatalogError):
            yield _judged(_refused(request, catalog, "error"))
        else:
            yield _judged(_run(request, catalog, executor, answer))


def _catalog(manifests: Path, model: str) -> Catalog | CatalogError:
    name = MANIFESTS.get(model, model.lower().removesuffix("_model"))
    try:
        return import_manifest(manifests / f"{name}.json").catalog
    except CatalogError as error:
        return error


def _run(request: Request, catalog: Catalog, executor: Executor, answer: Answer) -> Result:
    try:
        table = answer(to_query(request, catalog), catalog, executor)
    except CatalogError as error:
        return _refused(request, error, "unsupported")
    except ExecutorError as error:
        return Result(request, "error", reason=str(error), issues=(_problem(error),))
    except _BUGS as error:  # one faulty request must not hide the others
        return Result(request, "error", reason=f"{type(error).__name__}: {error}")
    if table.truncated:
        return Result(request, "error", reason="truncated")
    return _told(request, table)


def _told(request: Request, table: ResultTable) -> Result:
    places = [i for i, column in enumerate(table.columns) if column.role != "component"]
    columns = tuple(table.columns[i].name for i in places)
    rows = tuple(tuple(json_row([row[i] for i in places])) for row in table.rows)
    return Result(request, "ok", columns, rows)


def _problem(error: ExecutorError) -> Issue:
    return issue(error.code, **error.arguments)  # type: ignore[arg-type]


def _refused(request: Request, error: CatalogError, status: Status) -> Result:
    return Result(request, status, reason=str(error), issues=error.issues)


def _judged(result: Result) -> Result:
    verdict, reason = _verdict(result)
    return Result(
        result.request,
        result.status,
        result.columns,
        result.rows,
        result.reason or reason,
        result.issues,
        verdict,
    )


def _verdict(result: Result) -> tuple[Verdict, str]:
    """Return how `result` compares with what was expected, and where it differs."""
    expected = result.request.expected
    if result.status == "error":
        return "error", ""
    if result.status == "unsupported":
        return "unsupported", ""
    if expected is None:
        return "unjudged", ""
    columns = tuple(expected["columns"])
    if set(columns) != set(result.columns):
        return "wrong", f"columns {list(result.columns)}, expected {list(columns)}"
    if expected.get("rows") is None:
        right = len(result.rows) == expected.get("n_rows")
        difference = f"{len(result.rows)} rows, expected {expected.get('n_rows')}"
        return ("pass", "") if right else ("wrong", difference)
    order = [result.columns.index(name) for name in columns]
    got = [tuple(row[i] for i in order) for row in result.rows]
    wanted = [tuple(row) for row in expected["rows"]]
    if same_rows(got, wanted, bool(result.request.content.get("check_order"))):
        return "pass", ""
    return "wrong", _difference(got, wanted)


def _difference(got: list[tuple[Any, ...]], wanted: list[tuple[Any, ...]]) -> str:
    surplus = [row for row in got if not any(same_rows([row], [w], True) for w in wanted)]
    missing = [row for row in wanted if not any(same_rows([row], [g], True) for g in got)]
    return (
        f"{len(got)} rows, expected {len(wanted)}; "
        f"surplus {surplus[:SHOWN_ROWS]}; missing {missing[:SHOWN_ROWS]}"
    )
