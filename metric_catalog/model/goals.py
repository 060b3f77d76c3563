"""Owns goals: business aims and the metrics and playbooks that serve them."""

from metric_catalog.model.definition import BilingualText, Definition, Name, Names, Text, Words


class Goal(Definition):
    """A business aim in people's words, led to its governed metrics (first = the headline).

    `ask`: the words are short for any of the metrics ("profit"): where what else is said fits
    several of them, it is asked which one is meant.
    """

    id: Name
    name: BilingualText
    description: BilingualText = Text()
    synonyms: Words = Words()
    metrics: Names = ()
    playbooks: Names = ()
    ask: bool = False
