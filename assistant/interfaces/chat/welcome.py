"""Owns the welcome: what can be asked, with examples in both languages from the definitions."""

from assistant.interfaces.chat.html import EMPTY, Html, button, tag
from assistant.interfaces.chat.words import say
from metric_catalog.catalog import Catalog
from metric_catalog.model.definition import Language
from metric_catalog.model.metrics import Metric

EXAMPLES = ("example_ranking", "example_why", "example_value", "example_trend")
NO_TIER = 99


def welcome(catalog: Catalog, language: Language) -> Html:
    """Return the page's first card."""
    other: Language = "en" if language == "zh" else "zh"
    groups = [_group(catalog, each) for each in (language, other)]
    count = len(_metrics(catalog))
    return tag(
        "article",
        tag("h2", say(language, "welcome"), class_="am-headline"),
        tag("p", say(language, "welcome_lead", count=count), class_="am-lead"),
        tag("div", *groups, class_="am-examples"),
        tag("p", say(language, "welcome_note"), class_="am-quiet"),
        class_="am-card am-welcome",
        lang=language,
    )


def _metrics(catalog: Catalog) -> list[Metric]:
    """The metrics that can be asked: the first of each goal, then all others by tier."""
    usable = [
        metric for metric in catalog.metrics.values()
        if not metric.private and catalog.status_of(metric.id) == "published"
    ]  # fmt: skip
    firsts = [goal.metrics[0] for goal in catalog.goals.values() if goal.metrics]
    places = {metric: place for place, metric in enumerate(firsts)}
    return sorted(usable, key=lambda m: (places.get(m.id, len(firsts)), m.tier or NO_TIER))


def _group(catalog: Catalog, language: Language) -> Html:
    questions = examples(catalog, language)
    if not questions:
        return EMPTY
    asks = [button(text, "am-example", do="ask", text=text) for text in questions]
    return tag("div", *asks, class_="am-example-group", lang=language)


def examples(catalog: Catalog, language: Language) -> list[str]:
    """Return a question of each kind about the first published metrics, in one language."""
    shown = _metrics(catalog)
    if not shown:
        return []
    questions = []
    for place, key in enumerate(EXAMPLES):
        metric = shown[place % len(shown)]
        dimension = _dimension(catalog, metric, language)
        if dimension or key != "example_ranking":
            name = metric.name[language]
            questions.append(say(language, key, metric=name, dimension=dimension))
    return questions


def _dimension(catalog: Catalog, metric: Metric, language: Language) -> str:
    for path in catalog.dimensions_of(metric.id):
        label = getattr(path.element, "label", None)
        if not path.is_time and label and label[language]:
            return str(label[language])
    return ""
