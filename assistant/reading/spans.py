"""Owns `Span`: a stretch of a question with what it may mean and how sure that is."""

from dataclasses import dataclass, field
from typing import Literal

from assistant.reading.times import TimeMention
from metric_catalog.query import Scalar

SpanKind = Literal["metric", "goal", "dimension", "value", "time", "number", "word"]


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of the question.

    `name` is the metric, goal, dimension or word meaning (`intent.explain`, `rank.top`, …);
    `value` a dimension's member, or a number; `time` the mention of a time.
    """

    start: int
    end: int
    words: str
    kind: SpanKind
    name: str = ""
    value: Scalar = None
    evidence: str = "exact"
    score: float = 1.0
    time: TimeMention | None = field(default=None, compare=False)

    @property
    def length(self) -> int:
        """Characters covered."""
        return self.end - self.start

    def overlaps(self, other: "Span") -> bool:
        """Whether both claim a character."""
        return self.start < other.end and other.start < self.end

    @property
    def means(self) -> str:
        """What it stands for, as one short text for people who check the reading."""
        match self.kind:
            case "value":
                return f"value:{self.name}={self.value}"
            case "time" if self.time is not None:
                return f"time:{self.time.kind}"
            case "number":
                return f"number:{self.value}"
            case _:
                return f"{self.kind}:{self.name}"
