"""Owns coverage against accuracy: how often a metric found by meaning is right, by confidence.

`python -m eval.confidence SUITE` prints, per language and threshold, the share of the questions
without a named metric that would be answered, and the share of those that would be right.
"""

import sys
from collections.abc import Sequence

from assistant.asking import Conversation
from assistant.reading.metric_slot import NAMED
from assistant.wiring import Assistant
from eval.case import read_cases, suite_files
from eval.run import project_of

THRESHOLDS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
Point = tuple[str, float, bool]


def measure(suite: str) -> list[Point]:
    """Return (language, confidence, right) of every question whose metric is found by meaning.

    Right: the case expects an answer with just that metric.
    """
    assistant = Assistant(project_of(suite, None))
    points: list[Point] = []
    files = [file for file in suite_files(suite) if "retrieval" not in file.stem]
    for case in (case for file in files for case in read_cases(file) if not case.turns):
        conversation = Conversation(assistant, case.role, keep=False)
        reading = conversation.read(conversation.question(case.question, case.as_of, None))
        if not reading.matches or reading.matches[0].evidence in NAMED:
            continue
        wanted = case.expect.metric or (case.expect.metrics or (None,))[0]
        right = case.expect.outcome == "answer" and wanted == reading.matches[0].metric
        points.append((case.lang, assistant.line.gate.confidence(reading.matches), right))
    return points


def table(points: Sequence[Point]) -> list[str]:
    """Return one line per language and threshold: answered of all, right of answered."""
    lines = []
    for lang in sorted({point[0] for point in points}):
        mine = [point for point in points if point[0] == lang]
        for threshold in THRESHOLDS:
            answered = [right for _, sure, right in mine if sure >= threshold]
            accuracy = f"{sum(answered) / len(answered):.0%}" if answered else "–"
            lines.append(
                f"{lang}  >= {threshold:.2f}  answered {len(answered)}/{len(mine)}"
                f" = {len(answered) / len(mine):.0%}  right {accuracy}"
            )
    return lines


if __name__ == "__main__":
    print("\n".join(table(measure(sys.argv[1] if len(sys.argv) > 1 else "shop"))))
