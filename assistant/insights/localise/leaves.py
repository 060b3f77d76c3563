"""Owns the table of leaves: one row per combination of members, as integer codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
Mask = NDArray[np.bool_]
NULL_MEMBER = "∅"
# Above this many cells per leaf a count of cells is dearer than a sort of the leaves.
DENSE_CELLS_PER_LEAF = 2

ProblemCode = Literal[
    "missing_column",
    "repeated_column",
    "not_a_number",
    "not_finite",
    "not_a_member",
    "no_denominator",
]


@dataclass(frozen=True, slots=True)
class TableProblem:
    """Why a table cannot be explained: a code and the column it is about."""

    code: ProblemCode
    column: str


class Members(Sequence[str]):
    """The members of a dimension by name: a million names take their room as text, not as objects.

    A missing one (`∅`) is the last. Whole numbers are named without a point.
    """

    def __init__(self, values: "pd.Index[str] | pd.api.extensions.ExtensionArray", null: bool):
        self._values = values
        self._null = null
        # A nullable column of whole numbers arrives as floats: its members are still whole numbers.
        self._whole = len(values) > 0 and all(
            isinstance(value, float) and value.is_integer() for value in values
        )

    def __len__(self) -> int:
        return len(self._values) + self._null

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...

    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        at = place + len(self) if place < 0 else place
        if self._null and at == len(self._values):
            return NULL_MEMBER
        value = self._values[at]
        return str(int(value)) if self._whole else str(value)


@dataclass(frozen=True, slots=True)
class Leaves:
    """Unique leaves. `codes[d][i]` is the place of leaf i's member in `members[d]`.

    `actual` and `expected` are sums per leaf; for a ratio they are numerators and the
    denominators stand beside them, otherwise both denominators are None.
    """

    dimensions: tuple[str, ...]
    members: tuple[Sequence[str], ...]
    codes: tuple[Codes, ...]
    actual: Floats
    expected: Floats
    actual_denominator: Floats | None = None
    expected_denominator: Floats | None = None

    @property
    def size(self) -> int:
        """Number of leaves."""
        return len(self.actual)


def read_leaves(
    frame: pd.DataFrame,
    dimensions: Sequence[str],
    actual: str,
    expected: str,
    denominators: tuple[str, str] | None,
) -> Leaves | TableProblem:
    """The leaves of a table; rows with equal members are added up.

    A missing value counts as nothing (0), as in a sum. An infinite one is a problem, not a number.
    """
    measures = (actual, expected, *(denominators or ()))
    problem = _find_column_problem(frame, (*dimensions, *measures))
    if problem is not None:
        return problem
    columns: list[Floats] = []
    for name in measures:
        column = _read_numbers(frame[name], name)
        if isinstance(column, TableProblem):
            return column
        columns.append(column)
    read: list[tuple[Codes, Members]] = []
    for name in dimensions:
        dimension = _read_members(frame[name], name)
        if isinstance(dimension, TableProblem):
            return dimension
        read.append(dimension)
    codes, columns = _add_up_duplicates([c for c, _ in read], [len(m) for _, m in read], columns)
    return Leaves(
        tuple(dimensions),
        tuple(members for _, members in read),
        tuple(codes),
        columns[0],
        columns[1],
        *columns[2:],
    )


def project(leaves: Leaves, places: Sequence[int]) -> Leaves:
    """The leaves by some of their dimensions only, summed over the others."""
    columns = [leaves.actual, leaves.expected]
    if leaves.actual_denominator is not None and leaves.expected_denominator is not None:
        columns += [leaves.actual_denominator, leaves.expected_denominator]
    members = tuple(leaves.members[place] for place in places)
    codes = [leaves.codes[place] for place in places]
    codes, columns = _add_up_duplicates(codes, [len(known) for known in members], columns)
    dimensions = tuple(leaves.dimensions[place] for place in places)
    return Leaves(dimensions, members, tuple(codes), columns[0], columns[1], *columns[2:])


def _find_column_problem(frame: pd.DataFrame, names: Sequence[str]) -> TableProblem | None:
    for place, name in enumerate(names):
        found = int((frame.columns == name).sum())
        if found == 0:
            return TableProblem("missing_column", name)
        if found > 1 or name in names[:place]:
            return TableProblem("repeated_column", name)
    return None


def _read_numbers(column: "pd.Series[float]", name: str) -> Floats | TableProblem:
    if column.dtype.kind in "mM":
        return TableProblem("not_a_number", name)
    try:
        numbers: Floats = pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        return TableProblem("not_a_number", name)
    numbers = np.where(np.isnan(numbers), 0.0, numbers)
    # Twice, so that a difference of two columns is finite too.
    with np.errstate(over="ignore"):
        if not np.isfinite(np.abs(numbers).sum() * 2):
            return TableProblem("not_finite", name)
    return numbers


def _read_members(column: "pd.Series[str]", name: str) -> tuple[Codes, Members] | TableProblem:
    try:
        codes, uniques = pd.factorize(column, use_na_sentinel=True)
    except TypeError:
        # A list or a map in a cell is no member of a dimension.
        return TableProblem("not_a_member", name)
    missing = bool((codes < 0).any())
    if missing:
        codes = np.where(codes < 0, len(uniques), codes)
    return codes.astype(np.intp, copy=False), Members(uniques, missing)


def _add_up_duplicates(
    codes: list[Codes], sizes: list[int], columns: list[Floats]
) -> tuple[list[Codes], list[Floats]]:
    """One row per combination of codes; the measures of equal rows are summed."""
    rows = len(columns[0])
    key = np.zeros(rows, dtype=np.intp)
    cells = 1
    for code, size in zip(codes, sizes, strict=True):
        key = key * size + code
        cells *= max(size, 1)
        if cells > DENSE_CELLS_PER_LEAF * rows:
            uniques, key = np.unique(key, return_inverse=True)
            cells = len(uniques)
    counts = np.bincount(key, minlength=cells)
    if rows == 0 or counts.max() <= 1:
        return codes, columns
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    summed: list[Floats] = [
        np.bincount(inverse, weights=column).astype(np.float64) for column in columns
    ]
    return [code[first] for code in codes], summed
