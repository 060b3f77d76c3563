"""Owns the making of an answer: run, investigate, tell, draw, recommend, receipt."""

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from time import perf_counter

from assistant.insights.answer import Answer, Receipt, Recommendation
from assistant.insights.charts.choose import choose_chart
from assistant.insights.detectors.attainment import target_for
from assistant.insights.finding import Change, Driver, Finding, Segment
from assistant.insights.follow_ups import suggest
from assistant.insights.headline import headline
from assistant.insights.investigation import Investigation
from assistant.insights.labels import Labels
from assistant.insights.maturity import on_complete_cohorts, query_of_complete
from assistant.insights.narrative import narrate
from assistant.insights.negative_rates import (
    has_negative_rates,
    has_rates_of_nothing,
    without_negative_rates,
)
from assistant.insights.openings import opened
from assistant.insights.own_units import per_own_unit
from assistant.insights.recommendations.match import Wording, recommend
from assistant.insights.rounds import ForIntents, choose_detectors, investigate
from assistant.insights.story import Story, main_value
from assistant.question import Question
from assistant.reading.reading import Reading
from assistant.receipts import answer_id, stamp, write_receipt
from assistant.resolve.gate import refuse
from assistant.resolve.outcomes import Refusal
from assistant.resolve.resolve import Resolved, resolve
from executors.result import ResultTable
from executors.statement import Statement
from metric_catalog.calendars import Calendar
from metric_catalog.catalog import Catalog
from metric_catalog.issues import Issue
from metric_catalog.metric_grains import finest_grain
from metric_catalog.periods import Grain, as_day, floor, whole_units
from metric_catalog.policy import Policy
from metric_catalog.query import MetricQuery, Query, ShareOfTotal
from prompts.render import render

Run = Callable[[Query], tuple[Statement, ResultTable]]
RunAll = Callable[[tuple[Query, ...]], Mapping[Query, ResultTable]]
"""Runs queries together; those that cannot be answered are left out."""
RepeatedKeys = Callable[[Statement, tuple[Query, ...]], tuple[Issue, ...]]
"""Warns of keys that repeat in tables which a statement, or the splits behind findings, join."""
SPLIT_DIMENSIONS = 8
OF_CHANGE = ("__change", "__growth")
RUNNING_UNITS = (Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)


@dataclass(frozen=True)
class Composer:
    """What answers are made with. `history` gives the first day of a metric's data.

    `record` says how well each playbook worked before (1 = as expected).
    """

    catalog: Catalog
    detectors: Iterable[ForIntents]
    history: Callable[[str], dt.date | None]
    record: Callable[[], Mapping[str, float]]


def compose(
    question: Question,
    reading: Reading,
    policy: Policy,
    composer: Composer,
    run: Run,
    run_all: RunAll,
    repeated: RepeatedKeys,
    read_ms: float,
) -> Answer | Refusal:
    """Return the answer to a reading that passed the gate; raises CatalogError."""
    if reading.intent in ("definition", "catalog"):
        return _look_up(question, reading, policy, composer.catalog)
    started = perf_counter()
    resolved = resolve(reading, composer.catalog, question.as_of)
    investigation = _investigation(resolved, question, policy, composer)
    statement, rows = run(query_of_complete(investigation))
    table = without_negative_rates(rows)
    query_ms = (perf_counter() - started) * 1000
    labels = Labels(composer.catalog, question.language)
    if resolved.intent == "attainment" and not _has_target(investigation):
        return refuse(reading, "no_target", labels.metric(resolved.metric.id))
    if _has_no_data(table, resolved, investigation):
        return _no_data(reading, resolved, table, labels)
    chosen = choose_detectors(investigation.intent, composer.detectors)
    findings = investigate(investigation, chosen, _telling(run_all))
    asked = (table.query, *(query for finding in findings for query in finding.queries))
    findings = (*_of_keys(repeated(statement, asked), investigation), *findings)
    story = Story(
        investigation,
        table,
        findings,
        labels,
        resolved.assumptions,
        resolved.focus,
        proof_asked="proof" in reading.markers,
    )
    receipt = write_receipt(
        question,
        query_of_complete(investigation),
        composer.catalog,
        policy,
        statement,
        rows,
        resolved.assumptions,
    )
    answer = _write(question, resolved, receipt, story, composer)
    all_ms = (perf_counter() - started) * 1000
    timings = {"read": read_ms, "query": query_ms, "explain": all_ms - query_ms}
    return replace(answer, timings_ms={name: round(ms, 2) for name, ms in timings.items()})


def _telling(run_all: RunAll) -> RunAll:
    """The same run, with rates that are none left empty."""

    def run(asked: tuple[Query, ...]) -> Mapping[Query, ResultTable]:
        return {query: without_negative_rates(table) for query, table in run_all(asked).items()}

    return run


def _of_keys(repeated: tuple[Issue, ...], investigation: Investigation) -> tuple[Finding, ...]:
    """Return that rows may be counted several times, for each key that repeats on the way."""
    subject, period, found = investigation.metric.id, investigation.current, []
    for given in (dict(each.arguments) for each in repeated):
        key = (("entity", given["entity"]), ("table", given["table"]), ("rows", int(given["rows"])))
        facts = (("code", "repeated_key"), *key)
        found.append(Finding("quality", subject, facts=facts, period=period))
    return tuple(found)


def _investigation(
    resolved: Resolved, question: Question, policy: Policy, composer: Composer
) -> Investigation:
    catalog = composer.catalog
    paths = catalog.dimensions_of(resolved.metric.id)
    names = [catalog.canonical(path) for path in paths]
    split_by = [n for n in names if n not in policy.hidden_dimensions][:SPLIT_DIMENSIONS]
    related = {
        name: metric
        for name, metric in catalog.metrics.items()
        if catalog.status_of(name) == "published" and name not in policy.hidden_metrics
    }
    investigation = Investigation(
        query=resolved.query,
        intent=resolved.intent,
        metric=resolved.metric,
        as_of=question.as_of,
        calendar=catalog.calendar,
        current=resolved.current,
        base=resolved.base,
        split_by=tuple(split_by),
        related=related,
        history_start=composer.history(resolved.metric.id),
        running=_runs(resolved, question.as_of, catalog.calendar),
        row_grain=finest_grain(catalog, resolved.metric),
    )
    return _from_data_on(per_own_unit(on_complete_cohorts(investigation)))


def _from_data_on(investigation: Investigation) -> Investigation:
    """Return the investigation without a base that ends before the data begin: no row is no 0."""
    base, first, query = investigation.base, investigation.history_start, investigation.query
    if base is None or base.end is None or first is None or base.end > as_day(first):
        return investigation
    compared = query.comparison
    if compared is not None and compared.kind != "members":
        order = tuple(o for o in query.order if not o.by.endswith(OF_CHANGE))
        query = replace(query, comparison=None, order=order)
    return replace(investigation, query=query, base=None, lost_base=True)


def _runs(resolved: Resolved, as_of: dt.date, calendar: Calendar) -> bool:
    """Whether the period is what is over of the unit that runs: said so, or taken over from before.

    The last 27 days on the 28th are not this month so far, though they are the same days.
    """
    current, today = resolved.current, as_day(as_of)
    if current is None or current.start is None or current.end != today:
        return False
    times = [span.time for span in resolved.reading.spans if span.time is not None]
    if times:
        return any(time.kind == "to_date" for time in times)
    unit = whole_units(current, calendar)
    if unit is not None and unit[0] in RUNNING_UNITS:
        return False  # October on November 1 is over, though it is this quarter so far as well
    return any(floor(today, grain, calendar) == current.start for grain in RUNNING_UNITS)


def _has_target(investigation: Investigation) -> bool:
    """Whether the metric has a target that the period asked can be measured by."""
    current = investigation.current
    if current is None or current.start is None or current.end is None:
        return bool(investigation.metric.targets)
    return target_for(investigation, current) is not None


def _has_no_data(table: ResultTable, resolved: Resolved, investigation: Investigation) -> bool:
    """Whether the period asked ends before the data begins, or nothing but empty cells came."""
    start = investigation.history_start
    ends = [p.end for p in resolved.query.periods if p.end is not None]
    if start and ends and max(ends).date() <= start:
        return True
    starts = [p.start for p in resolved.query.periods if p.start is not None]
    if starts and min(starts).date() > investigation.as_of:
        return True
    if resolved.query.having is not None:
        return False
    if has_negative_rates(table) or has_rates_of_nothing(table):
        return False  # there is data, but no rate of it
    cells = table.values(resolved.query.metrics[0]) if table.rows else ()
    # Today has no rows yet, and the sum of none is no figure of today.
    ahead = bool(starts) and min(starts).date() >= investigation.as_of
    return all(cell is None or (ahead and cell == 0) for cell in cells)


def _no_data(reading: Reading, resolved: Resolved, table: ResultTable, labels: Labels) -> Refusal:
    query = resolved.query
    investigation = Investigation(
        query, resolved.intent, resolved.metric, dt.date.today(), labels.catalog.calendar,
        resolved.current or (query.periods[0] if query.periods else None), None,
    )  # fmt: skip
    story = Story(investigation, table, (), labels)
    key = "no_data_of" if query.filters is None else "no_data_filtered"
    when = story.when(investigation.current)
    missing = story.say(key, when=when, filters=labels.filter(query.filters))
    return refuse(reading, "no_data", missing, query.metrics[:3])


def _write(
    question: Question,
    resolved: Resolved,
    receipt: Receipt,
    story: Story,
    composer: Composer,
) -> Answer:
    catalog, table, findings = composer.catalog, story.table, story.findings
    hashes = (*(metric.hash for metric in receipt.metrics), receipt.result_hash)
    title = headline(story)
    return Answer(
        id=answer_id(question, resolved.query, hashes),
        question=question.text,
        language=question.language,
        intent=resolved.intent,
        query=resolved.query,
        metrics=receipt.metrics,
        table=table,
        headline=title,
        narrative=narrate(story),
        value=_value(story),
        change=_change(story),
        drivers=_drivers(story),
        segments=_segments(story),
        findings=findings,
        chart=choose_chart(story, title),
        recommendations=_recommend(story, composer),
        follow_ups=suggest(story),
        notes=_notes(resolved, catalog, story.labels),
        receipt=receipt,
        runners_up=tuple(m.metric for m in resolved.reading.matches[1:4]),
    )


def _change(story: Story) -> Change | None:
    """The change, where the answer sets two periods beside each other or judges one."""
    investigation = story.investigation
    return story.change if investigation.base or investigation.judges else None


def _drivers(story: Story) -> tuple[Driver, ...]:
    """What adds up to the change, dimension by dimension; nothing where there is no change."""
    if story.change is None or story.change.absolute is None:
        return ()
    return tuple(d for f in story.findings if f.kind == "drivers" for d in f.drivers)


def _segments(story: Story) -> tuple[Segment, ...]:
    """Combinations that moved, and the members that meet the condition asked, the farthest first.

    Of the latter the effect is how far they are beyond it, the score their part of all that.
    """
    found = [s for f in story.findings for s in f.segments]
    if story.investigation.query.having is not None:
        for finding in story.findings:
            if finding.kind == "cross_section":
                whole = math.fsum(abs(d.effect) for d in finding.drivers)
                found += [
                    Segment((f"{d.dimension}={d.member}",), abs(d.effect) / whole, d.effect)
                    for d in finding.drivers
                    if d.effect
                ]
    return tuple(found)


def _value(story: Story) -> float | None:
    """The number of the answer: the change's current value, else the only or the focused one."""
    change: Change | None = story.change
    if change is not None and not story.investigation.query.group_by:
        return change.current
    if story.focus:
        metric, dimension = story.investigation.query.metrics[0], story.focus[0].dimension
        if isinstance(story.investigation.query.post, ShareOfTotal):
            metric = f"{metric}__share"
        for member, cell in zip(
            story.table.values(dimension), story.table.values(metric), strict=True
        ):
            if member in story.focus[0].values and isinstance(cell, int | float):
                return float(cell)
    single = len(story.table.rows) == 1
    cell = main_value(story) if single else None
    return float(cell) if isinstance(cell, int | float) else None


def _recommend(story: Story, composer: Composer) -> tuple[Recommendation, ...]:
    labels = story.labels
    wording = Wording(
        labels.language, labels.member, labels.dimension, story.difference, story.listed
    )
    investigation = story.investigation
    return recommend(
        composer.catalog.playbooks.values(),
        investigation.metric,
        story.findings,
        wording,
        investigation.as_of,
        composer.record(),
    )


def _notes(resolved: Resolved, catalog: Catalog, labels: Labels) -> tuple[str, ...]:
    notes = []
    for metric_id in resolved.query.metrics:
        metric = catalog.metric(metric_id)
        if catalog.status_of(metric_id) == "deprecated" and metric.successor:
            notes.append(("deprecated", metric_id, metric.successor))
    sentences = [
        _say(labels, code, metric=labels.metric(old), successor=labels.metric(new))
        for code, old, new in notes
    ]
    best = resolved.reading.matches[:1]
    if best and best[0].evidence in ("vector", "example"):
        sentences.append(_say(labels, "found_similar", metric=labels.metric(best[0].metric)))
    return tuple(sentences)


def _say(labels: Labels, key: str, **arguments: object) -> str:
    """Return a sentence of the narrative in the labels' language."""
    return render(labels.language, "narrative", key, **arguments)


def _look_up(question: Question, reading: Reading, policy: Policy, catalog: Catalog) -> Answer:
    """Answer from the catalog alone: a definition, or what there is."""
    labels = Labels(catalog, question.language)
    if reading.intent == "catalog" or not reading.metrics:
        shown = [m for m in catalog.metrics if catalog.status_of(m) == "published"
                 and m not in policy.hidden_metrics]  # fmt: skip
        title = _say(labels, "catalog", count=len(shown))
        lines = tuple(f"{labels.metric(m)} ({m})" for m in shown)
        metrics: tuple[str, ...] = ()
    else:
        metric = catalog.metric(reading.metrics[0])
        caliber = metric.caliber[question.language] or metric.description[question.language]
        title = _say(labels, "definition", metric=labels.metric(metric.id), caliber=caliber)
        facts = _say(
            labels,
            "definition_facts",
            version=metric.version,
            status=catalog.status_of(metric.id),
            owner=metric.owner,
            unit=metric.unit,
        )
        lines, metrics = (metric.description[question.language], facts), (metric.id,)
    return Answer(
        id=answer_id(question, None, metrics),
        question=question.text,
        language=question.language,
        intent=reading.intent,
        query=MetricQuery(metrics=metrics),
        metrics=tuple(stamp(m, catalog) for m in metrics),
        table=None,
        headline=opened(title, question.language),
        narrative=lines,
    )
