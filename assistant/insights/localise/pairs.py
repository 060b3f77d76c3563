"""Owns the look through pairs of dimensions where the most telling ones explain too little."""

from itertools import combinations

import numpy as np

from assistant.insights.localise.causes import Cause, find_causes
from assistant.insights.localise.leaves import Leaves, project
from assistant.insights.localise.ratio import keep_present
from assistant.insights.localise.search import SURE, SURER


def find_in_pairs(leaves: Leaves, known: int) -> tuple[Cause, ...]:
    """The causes of two elements in pairs of dimensions, but those among the first `known`.

    By falling score. As many tables are looked through, a cause must be that much surer.
    """
    pairs = [pair for pair in combinations(range(len(leaves.dimensions)), 2) if pair[1] >= known]
    least = SURE + SURER + float(np.log(max(len(pairs), 1)))
    found: list[Cause] = []
    for pair in pairs:
        table = project(leaves, pair)
        if table.actual_denominator is not None:
            table = keep_present(table)
            if not (np.any(table.actual_denominator) and np.any(table.expected_denominator)):
                continue
        causes = find_causes(table)
        found += [c for c in causes if len(c.elements) > 1 and c.score >= least]
    return tuple(sorted(found, key=lambda cause: (-cause.score, cause.elements)))
