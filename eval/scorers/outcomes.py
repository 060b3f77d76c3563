"""Owns the verdict on a reply: right, or the reasons why not."""

import json
from dataclasses import dataclass
from typing import Any

from eval.case import Case
from eval.scorers.results import RunSql, result_reasons
from eval.scorers.slots import Reason, slot_reasons


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reply got. `confident` = wrong although it answered; `milliseconds` to the reply."""

    case: Case
    outcome: str
    reasons: tuple[Reason, ...]
    milliseconds: float = 0.0
    got: str = ""

    @property
    def right(self) -> bool:
        """Whether outcome and every given slot and result agree."""
        return not self.reasons

    @property
    def confidently_wrong(self) -> bool:
        """Answered with something wrong, or answered where it should not."""
        soft = {"WRONG_INTENT", "WRONG_PLAYBOOK", "WRONG_DRIVER"}
        return self.outcome == "answer" and bool(set(self.reasons) - soft)

    @property
    def over_refused(self) -> bool:
        """Refused or asked back where an answer was expected."""
        return self.case.expect.outcome == "answer" and self.outcome != "answer"


def judge(case: Case, content: dict[str, Any], run_sql: RunSql, milliseconds: float) -> Verdict:
    """Return the verdict on one reply."""
    outcome, expected = content["outcome"], case.expect
    reasons: list[Reason] = []
    if outcome != expected.outcome:
        reasons.append(_outcome_reason(outcome, expected.outcome))
    elif outcome == "answer":
        reasons += [*slot_reasons(case, content), *result_reasons(case, content, run_sql)]
    elif outcome == "clarification" and expected.clarify_slot:
        if content["clarification"]["slot"] != expected.clarify_slot:
            reasons.append("WRONG_SLOT")
    elif outcome == "refusal" and expected.refusal_reason:
        allowed = expected.refusal_reason
        if content["refusal"]["reason"] not in (
            (allowed,) if isinstance(allowed, str) else allowed
        ):
            reasons.append("WRONG_REASON")
    text = json.dumps(content, ensure_ascii=False)
    if any(secret in text for secret in expected.must_not):
        reasons.append("LEAK")
    return Verdict(case, outcome, tuple(dict.fromkeys(reasons)), milliseconds, _short(content))


def _outcome_reason(found: str, expected: str) -> Reason:
    if expected == "answer":
        return "OVER_REFUSED"
    if found == "answer":
        return "SHOULD_REFUSE" if expected == "refusal" else "SHOULD_CLARIFY"
    return "SHOULD_REFUSE" if expected == "refusal" else "SHOULD_CLARIFY"


def _short(content: dict[str, Any]) -> str:
    """Return what was understood, on one line."""
    names = ("metrics", "intent", "group_by", "filters", "having", "period", "comparison",
             "grain", "order", "limit")  # fmt: skip
    slots = {name: content.get(name) for name in names if content.get(name)}
    headline, read = content.get("headline", ""), json.dumps(slots, ensure_ascii=False)
    return f"{content['outcome']}: {headline} {read}"
