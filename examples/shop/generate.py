"""The shop's example data: builds its DuckDB file from a seed, and lets days pass in it.

Every draw is a hash of (seed, entity, purpose), so content depends on nothing but seed, scale,
as-of day and effects. Advancing therefore builds the file again up to a later day: what happened
before the old as-of stays, what was still open then (parcels, refunds, tickets) moves on.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import duckdb

HERE = Path(__file__).parent
DEFAULT_OUT = HERE / "data" / "shop.duckdb"
FIRST_DAY = date(2024, 9, 1)
FIRST_AS_OF = date(2026, 11, 1)
DEFAULT_SEED = 20241111
MAX_SEED = 2**63 - 1  # a BIGINT
MAX_SCALE = 1000.0  # customer ids have room for ten million times ten
MAX_DAYS = 366  # the calendar of festivals ends in 2027
CUSTOMERS_PER_CHUNK = 100_000
MEMORY_LIMIT = "4GB"
WRONG_USAGE, WORLD_FAILED = 2, 3
# What duckdb raises on a full disk depends on the moment: writing, committing, spilling.
CANNOT_WRITE = (
    OSError,
    duckdb.IOException,
    duckdb.TransactionException,
    duckdb.FatalException,
    duckdb.OutOfMemoryException,
)

# What `--effect` may name, with the sizes that make sense; the ids are those of the playbooks.
ACTIONS: dict[str, tuple[float, float]] = {
    "late_delivery": (-1.0, 1.0),
    "win_back_bargain_hunters": (0.0, 1.0),
    "fix_verify_phone": (0.0, 1.0),
    "cut_store_stock": (-1.0, 1.0),
    "repair_payments": (-1.0, 1.0),
    "shift_budget_to_search_ads": (-1.0, 5.0),
    "answer_tickets": (-1.0, 1.0),
}

BEFORE_ORDERS = (
    "01_randomness.sql",
    "02_reference.sql",
    "03_calendar.sql",
    "04_customers.sql",
    "05_order_tables.sql",
)
ORDERS = "06_orders.sql"
AFTER_ORDERS = ("07_stores.sql", "08_app.sql", "09_marketing.sql", "10_targets.sql")


@dataclass(frozen=True, slots=True)
class Effect:
    """An action taken: its size applies to every day from `start_day` on."""

    start_day: date
    action: str
    size: float


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that the content depends on."""

    scale: float = 1.0
    seed: int = DEFAULT_SEED
    as_of: date = FIRST_AS_OF
    effects: tuple[Effect, ...] = ()

    def advanced(self, days: int, taken: Sequence[tuple[str, float]]) -> "Recipe":
        """The recipe of `days` later, with actions (name, size) that start at the old as-of."""
        effects = tuple(Effect(self.as_of, action, size) for action, size in taken)
        return replace(
            self,
            as_of=self.as_of + timedelta(days=days),
            effects=self.effects + effects,
        )


def build(
    recipe: Recipe,
    out: Path,
    *,
    threads: int | None = None,
    customers_per_chunk: int = CUSTOMERS_PER_CHUNK,
) -> None:
    """Write the file of `recipe` at `out`; an existing file is replaced only by a complete one.

    Neither `threads` nor `customers_per_chunk` changes the content.
    Raises OSError or one of CANNOT_WRITE where the file cannot be written.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_name(f".{out.name}.{os.getpid()}")
    spill = unfinished.with_name(unfinished.name + ".spill")
    try:
        with duckdb.connect(str(unfinished)) as connection:
            _configure(connection, spill, threads)
            _fill(connection, recipe, customers_per_chunk)
        os.replace(unfinished, out)
    finally:
        unfinished.unlink(missing_ok=True)
        unfinished.with_name(unfinished.name + ".wal").unlink(missing_ok=True)
        shutil.rmtree(spill, ignore_errors=True)


def read_recipe(path: Path) -> Recipe:
    """The recipe that made the file at `path`."""
    with duckdb.connect(str(path), read_only=True) as connection:
        row = connection.execute("SELECT scale, seed, as_of FROM data_status").fetchone()
        effects = connection.execute(
            "SELECT start_day, action, size FROM data_effects ORDER BY ALL"
        ).fetchall()
    if row is None:
        raise duckdb.InvalidInputException("data_status is empty")
    return Recipe(row[0], row[1], row[2], tuple(Effect(*effect) for effect in effects))


def _configure(connection: duckdb.DuckDBPyConnection, spill: Path, threads: int | None) -> None:
    connection.execute("SET memory_limit = $limit", {"limit": MEMORY_LIMIT})
    connection.execute("SET temp_directory = $spill", {"spill": str(spill)})
    connection.execute("SET preserve_insertion_order = false")
    if threads is not None:
        connection.execute("SET threads = $threads", {"threads": threads})


def _fill(connection: duckdb.DuckDBPyConnection, recipe: Recipe, customers_per_chunk: int) -> None:
    for name, value in (
        ("seed", recipe.seed),
        ("scale", recipe.scale),
        ("as_of", recipe.as_of),
    ):
        connection.execute(f"SET VARIABLE {name} = $value", {"value": value})
    _note_recipe(connection, recipe)
    for name in BEFORE_ORDERS:
        _run(connection, name)
    row = connection.execute("SELECT coalesce(max(customer_id), 0) FROM customers").fetchone()
    last = row[0] if row else 0
    for start in range(1, last + 1, customers_per_chunk):
        end = start + customers_per_chunk
        connection.execute("SET VARIABLE chunk_from = $value", {"value": start})
        connection.execute("SET VARIABLE chunk_to = $value", {"value": end})
        _run(connection, ORDERS)
    for name in AFTER_ORDERS:
        _run(connection, name)


def _note_recipe(connection: duckdb.DuckDBPyConnection, recipe: Recipe) -> None:
    connection.execute(
        "CREATE TABLE data_status (as_of DATE, first_day DATE, seed BIGINT, scale DOUBLE);"
        "CREATE TABLE data_effects (start_day DATE, action VARCHAR, size DOUBLE)"
    )
    connection.execute(
        "INSERT INTO data_status VALUES ($as_of, $first, $seed, $scale)",
        {
            "as_of": recipe.as_of,
            "first": FIRST_DAY,
            "seed": recipe.seed,
            "scale": recipe.scale,
        },
    )
    for effect in recipe.effects:
        connection.execute(
            "INSERT INTO data_effects VALUES ($day, $action, $size)",
            {"day": effect.start_day, "action": effect.action, "size": effect.size},
        )


def _run(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    connection.execute((HERE / "sql" / name).read_text(encoding="utf-8"))


def _effect(text: str) -> tuple[str, float]:
    action, _, size_text = text.partition("=")
    if action not in ACTIONS:
        raise argparse.ArgumentTypeError(
            f"unknown action {action!r}; known: {', '.join(sorted(ACTIONS))}"
        )
    low, high = ACTIONS[action]
    try:
        size = float(size_text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not ACTION=SIZE") from None
    if not low <= size <= high:
        raise argparse.ArgumentTypeError(f"{action} takes a size from {low:g} to {high:g}")
    return action, size


def _scale(text: str) -> float:
    scale = float(text)
    if not 0 < scale <= MAX_SCALE:
        raise argparse.ArgumentTypeError(f"must be above 0 and at most {MAX_SCALE:g}")
    return scale


def _seed(text: str) -> int:
    seed = int(text)
    if not 0 <= seed <= MAX_SEED:
        raise argparse.ArgumentTypeError(f"must be from 0 to {MAX_SEED}")
    return seed


def _days(text: str) -> int:
    days = int(text)
    if not 1 <= days <= MAX_DAYS:
        raise argparse.ArgumentTypeError(f"must be from 1 to {MAX_DAYS}")
    return days


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Make the shop's example data.")
    parser.add_argument("--scale", type=_scale, default=1.0, help="1 = about a million order lines")
    parser.add_argument("--seed", type=_seed, default=DEFAULT_SEED)
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, metavar="FILE")
    parser.add_argument("--threads", type=int, help="default: all cores")
    commands = parser.add_subparsers(dest="command")
    advance = commands.add_parser("advance", help="let days pass in an existing file")
    advance.add_argument("--days", type=_days, required=True)
    advance.add_argument(
        "--effect", type=_effect, action="append", default=[], metavar="ACTION=SIZE"
    )
    advance.add_argument("--out", type=Path, default=argparse.SUPPRESS, metavar="FILE")
    advance.add_argument("--threads", type=int, default=argparse.SUPPRESS)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 made, 2 wrong usage, 3 the file could not be read or written."""
    options = _parser().parse_args(arguments)
    out: Path = options.out
    recipe = Recipe(scale=options.scale, seed=options.seed)
    if options.command == "advance":
        if not out.exists():
            print(f"There is no {out} to advance. Generate it first.", file=sys.stderr)
            return WRONG_USAGE
        try:
            recipe = read_recipe(out).advanced(options.days, options.effect)
        except duckdb.Error as failure:
            print(f"{out} is not a file of this generator: {failure}", file=sys.stderr)
            return WORLD_FAILED
    try:
        build(recipe, out, threads=options.threads)
    except CANNOT_WRITE as failure:
        print(f"Cannot write {out}: {failure}", file=sys.stderr)
        return WORLD_FAILED
    print(f"{out}: scale {recipe.scale:g}, as of {recipe.as_of}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
