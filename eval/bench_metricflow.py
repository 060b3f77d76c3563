"""Owns the other side of the paired compile benchmark: MetricFlow, in an environment of its own.

Run with that environment's Python: one line of JSON (a request) in, one line out: its milliseconds,
or null where it refuses. It imports nothing of ours.
"""

import datetime as dt
import json
import sys
import time
from pathlib import Path
from typing import Any


class _Client:
    """What MetricFlow asks of a database when it only explains."""

    def __init__(self, kind: Any, renderer: Any) -> None:
        self.sql_engine_type, self.sql_plan_renderer = kind, renderer

    def query(self, *arguments: Any, **named: Any) -> Any:
        raise NotImplementedError

    execute = dry_run = query

    def close(self) -> None:
        """Nothing is open."""

    def render_bind_parameter_key(self, key: str) -> str:
        """Return a parameter as DuckDB writes it."""
        return f"${key}"


def _engine(manifest: Path) -> Any:
    from metricflow.engine.metricflow_engine import (  # type: ignore[import-not-found]
        MetricFlowEngine,
    )
    from metricflow.protocols.sql_client import SqlEngine  # type: ignore[import-not-found]
    from metricflow.sql.render.duckdb_renderer import (  # type: ignore[import-not-found]
        DuckDbSqlPlanRenderer,
    )
    from metricflow_semantic_interfaces.implementations.semantic_manifest import (  # type: ignore[import-not-found]
        PydanticSemanticManifest,
    )
    from metricflow_semantics.model.semantic_manifest_lookup import (  # type: ignore[import-not-found]
        SemanticManifestLookup,
    )

    read = PydanticSemanticManifest.parse_raw(manifest.read_text(encoding="utf-8"))
    return MetricFlowEngine(
        SemanticManifestLookup(read), _Client(SqlEngine.DUCKDB, DuckDbSqlPlanRenderer())
    )


def _group_bys(items: list[dict[str, Any]]) -> list[Any]:
    from metricflow_semantic_interfaces.type_enums.date_part import (  # type: ignore[import-not-found]
        DatePart,
    )
    from metricflow_semantics.specs.query_param_implementations import (  # type: ignore[import-not-found]
        DimensionOrEntityParameter,
        TimeDimensionParameter,
    )

    found = []
    for item in items:
        name, part = item["name"], item.get("date_part")
        if "grain" in item or "date_part" in item or "metric_time" in name:
            part = DatePart(part) if part else None
            found.append(TimeDimensionParameter(name=name, grain=item.get("grain"), date_part=part))
        else:
            found.append(DimensionOrEntityParameter(name=name))
    return found


def _compiled(engine: Any, content: dict[str, Any]) -> None:
    from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

    start, end = content.get("time_constraint") or (None, None)
    where = content.get("where_filter_rendered")
    objects = _group_bys(content.get("group_by_objs") or [])
    request = MetricFlowQueryRequest.create(
        metric_names=content.get("metrics") or None,
        group_by_names=content.get("group_bys") or None,
        group_by=objects or None,
        saved_query_name=content.get("saved_query_name"),
        limit=content.get("limit"),
        time_constraint_start=dt.datetime.fromisoformat(start) if start else None,
        time_constraint_end=dt.datetime.fromisoformat(end) if end else None,
        where_constraints=[where] if where else None,
        order_by_names=content.get("order_bys") or None,
        min_max_only=content.get("min_max_only", False),
        apply_group_by=content.get("apply_group_by", True),
    )
    assert engine.explain(request).sql_statement.sql


def main() -> None:
    """Answer requests until there are no more; the first line names the manifests."""
    from metricflow_semantics.errors.error_classes import (  # type: ignore[import-not-found]
        MetricFlowException,
    )

    refusals = (MetricFlowException, AssertionError, LookupError, ValueError)
    manifests = json.loads(sys.stdin.readline())
    engines: dict[str, Any] = {}
    for line in sys.stdin:
        content = json.loads(line)
        model = content["model"]
        if model not in engines:
            engines[model] = _engine(Path(manifests[model]))
        started = time.perf_counter()
        try:
            _compiled(engines[model], content)
        except refusals:  # a refusal has no time
            print("null", flush=True)
            continue
        print((time.perf_counter() - started) * 1000, flush=True)


if __name__ == "__main__":
    main()
