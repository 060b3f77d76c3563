"""A chart survives being stored as JSON."""

import json

import pytest

from assistant.insights.answer_json import chart_to_json
from assistant.insights.charts.gallery import LANGUAGES, examples
from assistant.insights.charts.stored import chart_from_json
from metric_catalog.model.definition import Language


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_comes_back(language: Language) -> None:
    for spec in examples(language).values():
        stored = json.loads(json.dumps(chart_to_json(spec)))
        assert chart_from_json(stored) == spec


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        chart_from_json({"kind": "pie", "frame": {}})
