"""Owns the match of playbooks with findings: what to do about what was found, and what it wins.

A recommendation answers to one cause: a driver of the change, a standing gap (`level`), or the
member that does best where others fall short (`best`). Normal variation is never a cause; a gap is
one whether or not the metric moved.
"""

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.insights.answer import Recommendation
from assistant.insights.finding import Driver, Finding, FindingKind
from assistant.insights.maturity import YOUNG
from assistant.insights.openings import opened
from metric_catalog.model.definition import Language
from metric_catalog.model.metrics import Metric
from metric_catalog.model.playbooks import Playbook, Trigger

SINGLED_OUT: FindingKind = "cross_section"
"""Members singled out by the question: being worse than the rest is reason enough to act."""
LEVEL_KINDS: tuple[FindingKind, ...] = (SINGLED_OUT, "opportunity", "concentration")
MIN_SPECIAL_SHARE = 0.1
"""A dimension that explains less of the change than this holds no cause of it."""
MIN_OWN_SHARE = 0.5
"""A member that the question names is a cause where this part of its change is its own."""
MIN_EFFECT_SHARE = 0.02
"""A driver smaller than this part of the change is not worth an action."""
UNTESTED_EVIDENCE = 0.5
"""How a cause counts whose significance was not tested."""
NAMES_NO_MEMBER = 0.7
"""How a trigger without members or dimension counts against one that names the cause."""
ALIKE_SHARE = 0.5
"""Members that weigh at least this part of the heaviest one are named beside it."""
MOST_ALIKE = 4
OTHER = "other"

_SLOT = re.compile(r"\{(member|metric|effect|dimension)\}")


@dataclass(frozen=True, slots=True)
class Wording:
    """How a language says a member of a dimension, a dimension, an effect on the metric, a list."""

    language: Language
    member: Callable[[str, str], str]
    dimension: Callable[[str], str]
    effect: Callable[[float], str]
    listed: Callable[[list[str]], str] = ", ".join


@dataclass(frozen=True, slots=True)
class Cause:
    """What a playbook may answer to.

    `effect`: on the metric, in its unit. `weight`: 0 to 1, how much its dimension tells beside
    the one that tells most.
    `level`: a standing gap (effect = how far off, with its sign), not a part of a change;
    `singled_out`: a gap that was asked about. `best`: the member is not one that falls short but
    the one that does best; the effect is the largest gap of the others.
    """

    dimension: str | None
    member: str | None
    kinds: Mapping[str, float]
    effect: float
    weight: float
    evidence: float
    level: bool = False
    singled_out: bool = False
    best: bool = False

    @property
    def segment(self) -> str | None:
        """The cause as `dimension=member`, the metric id of an identity edge, or None."""
        return f"{self.dimension}={self.member}" if self.dimension else self.member


def recommend(
    playbooks: Iterable[Playbook],
    metric: Metric,
    findings: Sequence[Finding],
    wording: Wording,
    as_of: dt.date,
    record: Mapping[str, float] | None = None,
) -> tuple[Recommendation, ...]:
    """Return what to do, best first: one recommendation per playbook that answers to a cause.

    Ranked by expected effect, evidence, how telling its driver's dimension is, and `record` (per
    playbook how well it worked before, 1 = as expected). Owner of the playbook, else of the
    metric.
    """
    causes = causes_of(metric, findings)
    found: list[tuple[float, Recommendation]] = []
    for playbook in playbooks:
        options = [
            (trigger, cause, effect)
            for trigger in playbook.triggers
            for cause in causes
            if (effect := _effect(playbook, trigger, metric, cause)) is not None
        ]
        if options:
            best = max(options, key=lambda option: _worth(*option))
            trust = (record or {}).get(playbook.id, 1.0)
            kept = _alike(best, options)
            gain = math.fsum(effect for _, effect in kept)
            causes_kept = tuple(cause for cause, _ in kept)
            recommendation = _fill(playbook, metric, causes_kept, gain, wording, as_of)
            found.append((_worth(*best) * trust, recommendation))
    return tuple(r for _, r in sorted(found, key=lambda item: (-item[0], item[1].playbook)))


def _alike(
    best: tuple[Trigger, Cause, float], options: Sequence[tuple[Trigger, Cause, float]]
) -> list[tuple[Cause, float]]:
    """The best cause and other members of its dimension that weigh as much, heaviest first."""
    trigger, cause, gain = best
    found = [
        (other, effect)
        for same, other, effect in options
        if same is trigger
        and (other.dimension, other.level, other.best) == (cause.dimension, cause.level, cause.best)
        and effect * gain > 0
        and abs(effect) >= ALIKE_SHARE * abs(gain)
    ]
    found.sort(key=lambda item: (item[0] is not cause, -abs(item[1])))
    return found[:MOST_ALIKE] if cause.dimension is not None else [(cause, gain)]


def causes_of(metric: Metric, findings: Sequence[Finding]) -> tuple[Cause, ...]:
    """Return the causes in the findings: parts of the change unless it is normal, and gaps."""
    changes = [f for f in findings if f.change is not None and f.subject == metric.id]
    change = changes[0].change if changes else None
    causes: list[Cause] = []
    young = change is not None and change.basis == YOUNG
    if not young and (change is None or not change.normal):
        evidence = changes[0].significance if changes else None
        size = change.absolute if change else None
        if size:
            causes.append(_whole(size, evidence))
        causes += _parts(findings, size, evidence)
    for finding in findings:
        if finding.kind == "fallen":
            causes += _grouped(finding, 1.0, finding.significance)
        if finding.kind in LEVEL_KINDS:
            causes += _grouped(finding, 1.0, finding.significance)
            causes += _best(finding)
    return tuple(causes)


def _best(finding: Finding) -> list[Cause]:
    """The member that the others are measured against, where the finding names one."""
    member, dimension = finding.fact("best_member"), finding.fact("dimension")
    if not isinstance(member, str) or not isinstance(dimension, str) or not finding.drivers:
        return []
    gap = max((driver.effect for driver in finding.drivers), key=abs)
    evidence = _evidence(finding.significance)
    return [Cause(dimension, member, {}, gap, 1.0, evidence, level=True, best=True)]


def _whole(size: float, evidence: float | None) -> Cause:
    """The change itself, for playbooks that name no driver."""
    return Cause(None, None, {}, size, 1.0, _evidence(evidence))


def _evidence(significance: float | None) -> float:
    return UNTESTED_EVIDENCE if significance is None else significance


def _parts(findings: Sequence[Finding], size: float | None, evidence: float | None) -> list[Cause]:
    causes: list[Cause] = []
    telling = [(f, _special(f)) for f in findings if f.kind == "drivers"]
    most = max((special for _, special in telling), default=0.0)
    for place, (finding, special) in enumerate(telling):
        if special >= MIN_SPECIAL_SHARE:
            # the first one is what was asked by, or tells most anyway
            causes += _grouped(finding, special / most if place else 1.0, evidence)
    for finding in findings:
        own = finding.fact("own_share")
        if finding.kind == "apart" and isinstance(own, int | float) and own >= MIN_OWN_SHARE:
            causes += _grouped(finding, 1.0, evidence)
    least = MIN_EFFECT_SHARE * abs(size or 0.0)
    return [cause for cause in causes if abs(cause.effect) >= least]


def _special(finding: Finding) -> float:
    """How much of the change is special to the finding's members; all of it for an identity."""
    share = finding.fact("special_share")
    return float(share) if isinstance(share, int | float) else 1.0


def _grouped(finding: Finding, weight: float, evidence: float | None) -> list[Cause]:
    """One cause per member: its effects by kind, and their sum.

    A member whose share shrank is no cause by that: what took its place is.
    """
    named = [d for d in finding.drivers if d.member is not None and d.member != OTHER]
    named = [driver for driver in named if not driver.shrank]
    members: dict[tuple[str | None, str | None], list[Driver]] = {}
    for driver in named:
        members.setdefault((driver.dimension, driver.member), []).append(driver)
    return [
        Cause(
            dimension,
            member,
            {driver.kind: driver.effect for driver in drivers},
            math.fsum(driver.effect for driver in drivers),
            weight,
            _evidence(evidence if evidence is not None else finding.significance),
            finding.kind in LEVEL_KINDS,
            finding.kind == SINGLED_OUT,
        )
        for (dimension, member), drivers in members.items()
    ]


def _effect(playbook: Playbook, trigger: Trigger, metric: Metric, cause: Cause) -> float | None:
    """The expected effect of answering `cause`; None where the trigger does not fit it."""
    if metric.id not in trigger.metrics or not _names(trigger, cause):
        return None
    size = cause.effect
    if trigger.kinds:
        fitting = [cause.kinds[kind] for kind in trigger.kinds if kind in cause.kinds]
        if not fitting:
            return None
        size = math.fsum(fitting)
    good = {"up_good": 1.0, "down_good": -1.0, "none": 0.0}[metric.direction]
    fits = {
        "worse": (cause.singled_out or not cause.level) and size * good < 0,
        "better": not cause.level and size * good > 0,
        "any": not cause.level and size != 0,
        "level": cause.level and not cause.best and size != 0,
        "best": cause.best and size != 0,
    }
    if not fits[trigger.move]:
        return None
    gain = good * abs(size) if good else -size
    return playbook.expected.share * gain


def _names(trigger: Trigger, cause: Cause) -> bool:
    if trigger.dimension is not None and trigger.dimension != cause.dimension:
        return False
    if trigger.members:
        return cause.member in trigger.members
    if trigger.dimension is None and not trigger.kinds and not cause.level:
        return cause.member is None  # it speaks of the change as a whole
    return True


def _worth(trigger: Trigger, cause: Cause, effect: float) -> float:
    named = 1.0 if trigger.members or trigger.dimension else NAMES_NO_MEMBER
    return abs(effect) * cause.evidence * named * cause.weight


def _fill(
    playbook: Playbook,
    metric: Metric,
    causes: tuple[Cause, ...],
    effect: float,
    wording: Wording,
    as_of: dt.date,
) -> Recommendation:
    dimension, language = causes[0].dimension, wording.language
    named = [cause.member or "" for cause in causes]
    if dimension:
        named = [wording.member(dimension, member) for member in named]
    slots = {
        "metric": metric.name[language],
        "dimension": wording.dimension(dimension) if dimension else "",
        "member": wording.listed(named),
        "effect": wording.effect(math.fsum(cause.effect for cause in causes)),
    }

    def filled(text: str) -> str:
        return opened(_SLOT.sub(lambda found: slots[found.group(1)], text), language)

    return Recommendation(
        playbook.id,
        filled(playbook.title[language]),
        filled(playbook.text[language]),
        filled(playbook.action[language]),
        effect,
        causes[0].segment,
        playbook.owner or metric.owner,
        as_of + dt.timedelta(days=playbook.due_days),
        playbook.guard_metric,
    )
