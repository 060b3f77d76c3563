"""Owns names in queries: which column of which model a name means, and with which grain or part."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from executors.compiler.nearest import near_metrics
from metric_catalog.business_years import BUSINESS_GRAINS, FISCAL
from metric_catalog.catalog import Catalog
from metric_catalog.detours import detour
from metric_catalog.errors import CatalogError
from metric_catalog.issues import Issue, issue, nearest_names, nearest_valid
from metric_catalog.joins import DimensionPath, nearest_paths
from metric_catalog.model.semantic_model import Dimension
from metric_catalog.periods import Grain
from metric_catalog.policy import Policy
from metric_catalog.query import METRIC_TIME

if TYPE_CHECKING:
    from executors.compiler.cube_members import Members

EXTRACT = "extract_"
DEFAULT_GRAIN = Grain.DAY
STANDARD_GRAINS = frozenset(grain.value for grain in Grain)
COMMON_GRAINS = ("day", "week", "month", "quarter", "year")
"""Named where a grain is asked for that looks like none."""
DATE_PARTS = frozenset({"year", "quarter", "month", "week", "day", "dow", "doy", "hour", "minute"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A column asked for: a name with a grain or date part; `column` is its name in the result.

    With `among` only the members named there, null for all others; `rest` is 1 for those.
    """

    name: str
    grain: str | None = None
    part: str | None = None
    column: str = ""
    among: "Members | None" = None
    rest: bool = False


@dataclass(frozen=True)
class Names:
    """The names that are valid in one query.

    `bases` are the models that the query starts from; `preferred` says which model a short name
    means where several are possible. `default_grain` is that of `metric_time`. `owner` is the
    metric named in errors, `owners` the first one of each base.
    """

    catalog: Catalog
    policy: Policy
    bases: tuple[str, ...]
    default_grain: str
    preferred: tuple[tuple[str, str], ...] = ()
    owner: str = ""
    owners: tuple[tuple[str, str], ...] = ()

    @cached_property
    def custom_grains(self) -> frozenset[str]:
        """The names of the custom grains of the catalog's time spines."""
        return frozenset(
            grain.name for spine in self.catalog.time_spines for grain in spine.custom_grains
        )

    @cached_property
    def grains(self) -> frozenset[str]:
        """The names of all grains."""
        return STANDARD_GRAINS | self.custom_grains | set(BUSINESS_GRAINS)

    def is_business(self, grain: str | None) -> bool:
        """Return whether a grain is of business years; a spine's of the same name goes first."""
        return grain in BUSINESS_GRAINS and grain not in self.custom_grains

    def civil(self, grain: str) -> str:
        """Return the standard grain as long as a fiscal one, any other grain as it is."""
        return FISCAL[grain].value if grain in FISCAL and self.is_business(grain) else grain

    def is_reckoned(self, grain: str | None) -> bool:
        """Return whether the units of a grain follow from the moment alone, without a table."""
        return grain in STANDARD_GRAINS or self.is_business(grain)

    def wanted(
        self, text: str, grain: str | None = None, part: str | None = None, base: str | None = None
    ) -> Wanted:
        """Return what `text` asks for, suffixes split off, the default grain filled in.

        `base` is the model that the name is seen from, else all that the query starts from.
        """
        name = text
        bases = (base,) if base else self.bases
        if grain is None and part is None and not self._known(text, bases):
            name, grain, part = self._split(text)
        if name == METRIC_TIME:
            return self._timed(name, self.default_grain, grain, part)
        element = self._first(name, bases).element
        if isinstance(element, Dimension) and element.type == "time":
            return self._timed(name, element.grain or DEFAULT_GRAIN.value, grain, part)
        if grain is not None or part is not None:
            column = grain if part is None else f"{EXTRACT}{part}"
            near = nearest_valid(f"{name}__{column}", self._times(bases, f"__{column}"))
            raise CatalogError(
                (issue("dimension_is_no_time", nearest=near, dimension=name, grain=grain or part),)
            )
        return Wanted(name, None, None, name)

    def bare(self, text: str) -> str:
        """Return `text` without the grain or date part at its end."""
        return text if self._known(text, self.bases) else self._split(text)[0]

    def _timed(self, name: str, default: str, grain: str | None, part: str | None) -> Wanted:
        if part is not None:
            if part not in DATE_PARTS:
                near = _under(f"{name}__{EXTRACT}", nearest_valid(part, DATE_PARTS))
                raise CatalogError((issue("unknown_date_part", nearest=near, part=part),))
            return Wanted(name, None, part, f"{name}__{EXTRACT}{part}")
        grain = grain or default
        self.check_grain(grain)
        return Wanted(name, grain, None, f"{name}__{grain}")

    def check_grain(self, grain: str) -> None:
        """Raise CatalogError where there is no such grain."""
        if grain not in self.grains:
            raise CatalogError((self.no_grain(grain),))

    def no_grain(self, grain: str, under: str = "") -> Issue:
        """Return that there is no such grain; the nearest ones are named with `under` before."""
        near = nearest_names(grain, self.grains) or COMMON_GRAINS
        return issue("unknown_grain", nearest=_under(under, near), grain=grain)

    def _times(self, bases: Iterable[str], end: str = "") -> set[str]:
        """Return the names of every time that can be asked for, each with `end` after it."""
        found = {path.name for base in bases for path in self.catalog.reach(base) if path.is_time}
        return {f"{name}{end}" for name in (METRIC_TIME, *found)}

    def _split(self, text: str) -> tuple[str, str | None, str | None]:
        name, _, last = text.rpartition("__")
        if not name:
            return text, None, None
        if last.startswith(EXTRACT):
            return name, None, last.removeprefix(EXTRACT)
        if last in self.grains:
            return name, last, None
        return text, None, None

    def _known(self, name: str, bases: tuple[str, ...]) -> bool:
        return name == METRIC_TIME or any(self._listed(base, name) for base in bases)

    def _listed(self, base: str, name: str) -> bool:
        index = self.catalog.index(base)
        return name in index.by_name or name in index.by_short

    def _first(self, name: str, bases: tuple[str, ...]) -> DimensionPath:
        known = [base for base in bases if self._listed(base, name)]
        return self.find((known or [*bases, ""])[0], name)

    def find(self, base: str, name: str) -> DimensionPath:
        """Return where rows of `base` find `name`; raises CatalogError if nowhere or ambiguous."""
        found = self.found(base, name)
        if found is None:
            raise CatalogError((self._unknown(base, name),))
        return found

    def found(self, base: str, name: str) -> DimensionPath | None:
        """Return where rows of `base` find `name`; raises CatalogError if ambiguous."""
        index = self.catalog.index(base)
        paths = index.by_name.get(name) or index.by_short.get(name, ())
        visible = tuple(path for path in paths if not self.hidden(path, name))
        chosen = dict(self.preferred).get(name)
        if chosen and any(path.model == chosen for path in visible):
            visible = tuple(path for path in visible if path.model == chosen)
        if not visible:
            return None
        best = nearest_paths(visible)
        if len(best) > 1:
            raise ambiguous(name, best)
        return best[0]

    def hidden(self, path: DimensionPath, asked: str) -> bool:
        """Return whether the asker may not see what `path` ends at."""
        names = {asked, path.name, path.short, self.catalog.canonical(path)}
        return bool(names & self.policy.hidden_dimensions)

    def _unknown(self, base: str, name: str) -> Issue:
        head, _, last = name.rpartition("__")
        if head == METRIC_TIME or (head and self._is_time(base, head)):
            return self.no_grain(last, f"{head}__")
        valid = {METRIC_TIME}
        for path in self.catalog.reach(base):
            if not self.hidden(path, path.name):
                valid |= {path.name, self.catalog.canonical(path)}
        metric = dict(self.owners).get(base, self.owner)
        way = detour(self.catalog, base, name) if not self._secret(name) else None
        near = nearest_valid(name, valid)
        if way is not None:
            near = near_metrics(self.catalog, self.policy, metric, name) or near
            code = "dimension_multiplies"
            return issue(code, nearest=near, metric=metric, dimension=name, path=way)
        if name in self.catalog.metrics and name not in self.policy.hidden_metrics:
            return issue("metric_for_dimension", nearest=near, metric=metric, name=name)
        return issue("unknown_dimension", nearest=near, metric=metric, dimension=name)

    def _is_time(self, base: str, name: str) -> bool:
        path = self.found(base, name)
        return path is not None and path.is_time

    def _secret(self, name: str) -> bool:
        """Whether the asker may not know of what is called `name`."""
        hidden = {each.rpartition("__")[2] for each in self.policy.hidden_dimensions}
        return name.rpartition("__")[2] in hidden


def _under(start: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{start}{name}" for name in names)


def ambiguous(name: str, paths: Iterable[DimensionPath]) -> CatalogError:
    """Return the error that names all paths that `name` might mean."""
    texts = tuple(dict.fromkeys(_spelled(path) for path in paths))
    return CatalogError((issue("ambiguous_dimension", nearest=texts, dimension=name),))


def _spelled(path: DimensionPath) -> str:
    way = " > ".join(f"{step.right} ({step.entity})" for step in path.steps)
    return f"{path.name} [{way}]" if way else path.name


def agreeing(names: Names, asked: Sequence[str]) -> Names:
    """Return `names` where each short name of `asked` means the same model from every base.

    Where the nearest models differ, the nearest one that all bases reach is taken; columns that
    every base has itself are taken as they are; anything else is ambiguous (CatalogError).
    """
    chosen: list[tuple[str, str]] = []
    for name in asked:
        if name == METRIC_TIME or len(names.bases) < 2:
            continue
        model = _shared_model(names, name)
        if model:
            chosen.append((name, model))
    return replace(names, preferred=tuple(chosen))


def _shared_model(names: Names, name: str) -> str | None:
    options: list[dict[str, DimensionPath]] = []
    for base in names.bases:
        index = names.catalog.index(base)
        paths = index.by_name.get(name) or index.by_short.get(name, ())
        nearest: dict[str, DimensionPath] = {}
        for path in paths:
            nearest.setdefault(path.model, path)
        options.append(nearest)
    if not all(options):
        return None
    firsts = [next(iter(nearest.values())) for nearest in options]
    if len({path.model for path in firsts}) == 1:
        return firsts[0].model
    shared = set(options[0]).intersection(*options[1:])
    if shared:
        return min(sorted(shared), key=lambda m: sum(len(o[m].steps) for o in options))
    if all(not path.steps for path in firsts):
        return None
    raise ambiguous(name, firsts)
