"""No reply whatever turns a right reading into a wrong one."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.asking import Conversation
from assistant.llm.chooser import Chooser
from assistant.llm.model import Prompt
from assistant.pipeline import Line, understand
from assistant.reading.reading import Reading
from assistant.resolve.assisted import Assistance
from assistant.resolve.gate import check
from assistant.resolve.offering import find_doubt
from assistant.wiring import Assistant
from metric_catalog.policy import EVERYTHING

GOLDEN = yaml.safe_load(
    (Path(__file__).parents[2] / "golden" / "readings_shop.yml").read_text("utf-8")
)
# Questions that stop at the gate, with what was read for sure: no reply may change that.
OPEN = (
    "GMV of flurbs by channel last month", "GMV 三线 上个月 走向", "9月各门店客流的情状态势",
    "top 5 stores by store traffic among flurbs in Q3", "上个月小程序那边卖了几单",
    "退了多少货 9月 上海", "sign ups who never came back last month by channel",
    "AOV above 5 for flurbs by channel", "GMV except mini program for flurbs last month",
)  # fmt: skip


@dataclass
class Scripted:
    """A model that says what `write` makes of what is on offer."""

    write: Callable[[list[str]], str]
    asked: list[Prompt] = field(default_factory=list)

    def complete(self, prompt: Prompt) -> str:
        self.asked.append(prompt)
        item = prompt.schema["properties"]["readings"]["items"]["properties"]
        return self.write(item["means"]["enum"])


def with_model(line: Line, model: Scripted) -> Line:
    return replace(line, assist=Assistance(Chooser(model, "any"), line.catalog, line.gate))


def read(text: str, line: Line, shop: Assistant) -> Reading:
    question = Conversation(shop, keep=False).question(text, None, None)
    return understand(question, line, EVERYTHING)


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["q"])
def test_golden_readings_stay_as_they_are(case: dict[str, Any], shop_session: Assistant) -> None:
    wanted = {name: value for name, value in case.items() if name != "q"}
    words = [case["q"][start:end] for start, end in ((0, 4), (2, 7), (0, len(case["q"])))]

    def everything(keys: list[str]) -> str:
        return json.dumps({"readings": [
            {"words": w, "means": k, "start": "2020-01-01", "end_exclusive": "2020-02-01"}
            for k in keys[:3] for w in words]})  # fmt: skip

    line, model = shop_session.line, Scripted(everything)
    before = read(case["q"], line, shop_session)
    after = read(case["q"], with_model(line, model), shop_session)
    assert {name: after.to_json()[name] for name in wanted} == wanted
    if check(before, line.catalog, EVERYTHING, line.gate) is None:
        assert model.asked == [], "what is clear is never sent"
        assert after == before


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_reply_takes_away_what_was_read(data: st.DataObject, shop_session: Assistant) -> None:
    text = data.draw(st.sampled_from(OPEN))
    line = shop_session.line
    before = read(text, line, shop_session)
    doubt = find_doubt(before, check(before, line.catalog, EVERYTHING, line.gate))

    def anything(keys: list[str]) -> str:
        item = st.fixed_dictionaries({
            "words": st.sampled_from(before.leftovers or (text,)) | st.sampled_from([text[i:j] for i in range(len(text)) for j in range(i + 1, len(text) + 1)]),
            "means": st.sampled_from(keys) | st.text(max_size=8),
            "start": st.sampled_from([None, "2020-01-01", "2026-09-01"]),
            "end_exclusive": st.sampled_from([None, "2020-02-01", "2026-10-01"]),
        })  # fmt: skip
        whole = st.fixed_dictionaries({"readings": st.lists(item, max_size=4)})
        return data.draw(whole.map(json.dumps) | st.text(max_size=40))

    after = read(text, with_model(line, Scripted(anything)), shop_session)
    if after.model is None or after.model.reask is not None:
        assert replace(after, model=None, markers=before.markers) == before
        return
    assert doubt is not None
    if doubt == "words":
        assert after.metrics == before.metrics
    assert after.text == before.text
    assert set(before.group_by) <= set(after.group_by)
    assert before.periods in ((), after.periods)
    assert (after.limit, after.comparison) == (before.limit, before.comparison)
    kept = before.to_json()["filters"]
    if kept is not None:
        assert json.dumps(kept)[1:-1] in json.dumps(after.to_json()["filters"])
    assert check(after, line.catalog, EVERYTHING, line.gate) is None
