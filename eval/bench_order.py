"""Measures the order of dimensions: is the one that holds the cause told first?

`python -m eval.bench_order [WORLDS] [--seed FIRST]`. Beside the product's order (`told`): by the
length of all net effects (`length`), the net effect of one member (`effect`), and its likelihood
ratio (`ratio`), each less what is usual.
"""

import argparse
import math
from collections.abc import Callable, Mapping
from itertools import pairwise

from assistant.insights.cells import Cells
from assistant.insights.parts import Parts, additive_parts, ratio_parts
from assistant.insights.telling import most_telling
from eval.correlated import CAUSES, World, generate_world

WORLDS = 400
FIXED_SEED = 20_000
Measure = Callable[[Parts], float]


def _length(parts: Parts) -> float:
    return math.hypot(*(net for _, net in parts.net))


def _effect(parts: Parts) -> float:
    return max((abs(net) for _, net in parts.net), default=0.0)


def _ratio(parts: Parts) -> float:
    weights = dict(parts.weights)
    spreads = {m: max(w * (1 - w), 1e-12) for m, w in weights.items()}
    return max((abs(net) / math.sqrt(spreads[m]) for m, net in parts.net), default=0.0)


MEASURES: Mapping[str, Measure] = {
    "told": most_telling, "length": _length, "effect": _effect, "ratio": _ratio
}  # fmt: skip


def split(world: World, now: Mapping[str, Cells], before: Mapping[str, Cells]) -> Parts | None:
    """The exact parts of the change between two periods."""
    if world.cause == "sum":
        change = sum(c.value or 0.0 for c in now.values())
        change -= sum(c.value or 0.0 for c in before.values())
        return additive_parts("d", now, before, change)
    rates = [
        math.fsum(c.numerator or 0.0 for c in side.values())
        / max(math.fsum(c.denominator or 0.0 for c in side.values()), 1.0)
        for side in (now, before)
    ]
    return ratio_parts("d", now, before, rates[0] - rates[1])


def first_dimension(world: World, measure: Measure) -> str:
    """The dimension that is told first by a measure, less the quieter of two usual changes."""
    sizes = {}
    for name, sides in world.sides.items():
        made = [split(world, now, before) for before, now in pairwise(sides)]
        *_, second, first, last = [measure(parts) if parts else 0.0 for parts in made]
        usual = min(first, second, last)
        sizes[name] = math.sqrt(last * last - usual * usual)
    return max(sizes, key=lambda name: sizes[name])


def report(worlds: int, first: int) -> None:
    """Prints the share of worlds whose planted dimension comes first, per measure and cause."""
    made = [generate_world(seed) for seed in range(first, first + worlds)]
    heading = "".join(f"{name:>7s}" for name in ("all", *CAUSES))
    print(f"{'order, seeds from ' + str(first):24s} {heading}")
    for name, measure in MEASURES.items():
        hits = [(w.cause, first_dimension(w, measure) == w.planted) for w in made]
        shares = [
            sum(hit for _, hit in some) / max(len(some), 1)
            for some in (hits, *([h for h in hits if h[0] == cause] for cause in CAUSES))
        ]
        print(f"{name:24s} " + "".join(f"{share:7.3f}" for share in shares), flush=True)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("worlds", type=int, nargs="?", default=WORLDS)
    parser.add_argument("--seed", type=int, default=FIXED_SEED)
    arguments = parser.parse_args()
    report(arguments.worlds, arguments.seed)


if __name__ == "__main__":
    main()
