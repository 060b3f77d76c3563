"""Owns the benchmark of explanations: are planted causes found, and nothing else.

Then the intervals, by `bench_noise`.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does

import argparse
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from assistant.insights.explain_table import TableExplanation, explain_table
from eval import bench_noise
from eval.leaf_tables import KINDS, Kind, LeafTable, generate_table

TABLES = 100
FIXED_SEEDS = 10_000
PLACEBO_OFFSET = 500_000
LEAVES = 50_000


@dataclass(slots=True)
class Tally:
    """Counts over the tables of one kind."""

    tables: int = 0
    right: int = 0
    missed: int = 0
    wrong: int = 0
    placebos: int = 0
    alarms: int = 0
    seconds: float = 0.0
    leaves: int = 0

    def add(self, table: LeafTable, found: TableExplanation) -> None:
        """Counts one table; one without causes is a placebo."""
        named = {cause.elements for cause in found.causes}
        planted = set(table.causes)
        self.seconds += found.seconds
        self.leaves += len(table.frame)
        if not planted:
            self.placebos += 1
            self.alarms += bool(named)
            return
        self.tables += 1
        self.right += len(named & planted)
        self.missed += len(planted - named)
        self.wrong += len(named - planted)

    def describe(self) -> str:
        """One line of the report."""
        share = self.alarms / self.placebos if self.placebos else 0.0
        return (
            f"{self.tables:6d} {_divide(2 * self.right, self.missed + self.wrong):6.3f}"
            f" {_share(self.right, self.wrong):9.3f} {_share(self.right, self.missed):6.3f}"
            f" {self.missed:6d} {self.wrong:5d} {self.placebos:8d} {share:12.3f}"
            f" {self.seconds / max(self.leaves, 1) * LEAVES:10.3f}"
        )


def _divide(right: int, others: int) -> float:
    return right / (right + others) if right + others else 1.0


def _share(right: int, others: int) -> float:
    return _divide(right, others)


def explain_leaf_table(
    table: LeafTable, actual: str = "actual", expected: str = "expected"
) -> TableExplanation:
    """The explanation of a generated table."""
    denominators = table.denominators or (None, None)
    found = explain_table(table.frame, table.dimensions, actual, expected, *denominators)
    if not isinstance(found, TableExplanation):
        raise ValueError(f"{found.code}: {found.column}")
    return found


def generate_tables(kind: Kind, first: int, tables: int) -> Iterator[LeafTable]:
    """Planted tables of consecutive seeds, then as many placebos."""
    for seed in range(first, first + tables):
        yield generate_table(kind, seed)
        yield generate_table(kind, seed + PLACEBO_OFFSET, planted=False)


def read_tables(folder: Path) -> Iterator[LeafTable]:
    """Tables of a folder of parquet files with causes.json beside them."""
    causes = json.loads((folder / "causes.json").read_text(encoding="utf-8"))
    for name, listed in sorted(causes.items()):
        frame = pd.read_parquet(folder / f"{name}.parquet")
        frame = frame.rename(columns={"real": "actual", "predict": "expected"})
        dimensions = tuple(c for c in frame.columns if c not in ("actual", "expected"))
        yield LeafTable(frame, dimensions, tuple(tuple(cause) for cause in listed))


def measure(tables: Iterable[LeafTable]) -> Tally:
    """The tally of some tables."""
    tally = Tally()
    for table in tables:
        tally.add(table, explain_leaf_table(table))
    return tally


def main() -> None:
    """Prints a table per set of seeds, one for the outside tables where at hand, and the noise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="*", default=[], help="first seeds of more runs")
    parser.add_argument("--tables", type=int, default=TABLES, help="tables per kind")
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--series", type=int, default=bench_noise.SERIES, help="per kind of series")
    arguments = parser.parse_args()
    heading = "tables     F1 precision recall missed wrong placebos false alarms CPU s/50k"
    for first in (FIXED_SEEDS, *arguments.seeds):
        print(f"{'seeds from ' + str(first):20s} {heading}")
        for name in arguments.kinds:
            tally = measure(generate_tables(KINDS[name], first, arguments.tables))
            print(f"{name:20s} {tally.describe()}", flush=True)
    outside = os.environ.get("ASKMETRIC_CONFORMANCE")
    for folder in sorted((Path(outside) / "drivers").glob("*/")) if outside else ():
        print(
            f"{'drivers/' + folder.name:20s} {measure(read_tables(folder)).describe()}", flush=True
        )
    if arguments.series:
        seeds = (bench_noise.FIXED_SEED, *arguments.seeds)
        bench_noise.report(arguments.series, seeds, ("process", "bound"))


if __name__ == "__main__":
    main()
