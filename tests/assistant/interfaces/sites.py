"""A small project of its own: visits of two pages in September and October 2026."""

from pathlib import Path

import duckdb

from tests.assistant.interfaces.commands import Desk

METRIC = """
semantic_models:
  - id: visits
    table: visits
    label: {en: visits, zh: 访问}
    time_dimension: day
    entities: [{name: visit, type: primary, expr: visit_id}]
    dimensions:
      - {name: day, type: time, grain: day, label: {en: day, zh: 日期}}
      - {name: page, label: {en: page, zh: 页面}}
    measures: [{name: visit_count, agg: count, expr: visit_id}]
metrics:
  - id: visits
    name: {en: visits, zh: 访问量}
    description: {en: How many visits there were., zh: 访问的次数。}
    caliber: {en: Number of visits., zh: 访问次数。}
    type: simple
    model: visits
    measure: visit_count
    unit: count
    direction: up_good
    owner: web team
    status: published
    changed_by: analyst
"""
HEADER = "visit_id,day,page"
ROWS = tuple(f"{n},2026-{9 + n % 2:02}-{n % 28 + 1:02},{'ab'[n % 2]}" for n in range(200))
"""100 visits of page a in September, 100 of page b in October."""


def make_site(folder: Path, approved: bool, database: bool = False) -> Desk:
    """Make the project in `folder`, its data as CSV or as a database; return its desk."""
    (folder / "metrics").mkdir(parents=True)
    (folder / "metrics" / "visits.yml").write_text(METRIC, "utf-8")
    source = 'database = "site.duckdb"' if database else 'files = ["*.csv"]'
    settings = f'name = "site"\n[data]\n{source}\nas_of = "2026-11-01"\n'
    (folder / "askmetric.toml").write_text(settings, "utf-8")
    (folder / "visits.csv").write_text("\n".join([HEADER, *ROWS]), "utf-8")
    if database:
        with duckdb.connect(str(folder / "site.duckdb")) as connection:
            connection.read_csv(str(folder / "visits.csv")).create("visits")
    desk = Desk(folder)
    if approved:
        assert desk("catalog", "approve", "visits", "--by", "owner").status == 0
    return desk
