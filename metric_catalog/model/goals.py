"""Owns goals: business aims and the metrics and playbooks that serve them."""

from metric_catalog.model.definition import BilingualText, Definition, Name, Names, Text, Words


class Goal(Definition):
    """A business aim in people's words, led to its governed metrics (first = the headline)."""

    id: Name
    name: BilingualText
    description: BilingualText = Text()
    synonyms: Words = Words()
    metrics: Names = ()
    playbooks: Names = ()
