"""Owns the speed of retrieval: `python -m eval.bench_retrieval [METRICS] [VALUES] [FOLDER]`.

Prints how long opening takes and the milliseconds of one question, median and 95th percentile:
names, values and search by meaning, and the whole from the text to a query or a question back.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: threads only wait for each other

import datetime as dt
import itertools
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from assistant.question import Question, language_of
from assistant.reading.candidates import Lexicons
from assistant.reading.metric_slot import Meaning
from assistant.reading.read import read
from assistant.resolve.gate import Gate, check
from assistant.resolve.resolve import resolve
from metric_catalog.catalog import Catalog
from metric_catalog.model.definition import Text, Words
from metric_catalog.model.metrics import Metric, Simple
from metric_catalog.model.semantic_model import Aggregation, Dimension, Measure, SemanticModel
from metric_catalog.policy import EVERYTHING
from retrieval.names import NameIndex
from retrieval.search import MetricIndex, confidence
from retrieval.values import ValueEntry, ValueIndex

Made = TypeVar("Made")

SEED = 7
QUESTIONS = 200
SUBJECTS = (
    "order:订单",
    "refund:退款",
    "visit:访问",
    "payment:支付",
    "parcel:包裹",
    "ticket:工单",
    "member:会员",
    "trial:试用",
    "session:会话",
    "coupon:优惠券",
    "invoice:发票",
    "claim:理赔",
    "loan:贷款",
    "lesson:课程",
    "booking:预订",
    "click:点击",
    "sensor:传感器",
    "battery:电池",
    "driver:司机",
    "supplier:供应商",
    "contract:合同",
    "lead:线索",
    "branch:网点",
    "game:游戏",
)
SCOPES = (
    "new:新增",
    "active:活跃",
    "late:延迟",
    "paid:付费",
    "first:首次",
    "repeat:重复",
    "online:线上",
    "offline:线下",
    "weekly:每周",
    "monthly:每月",
    "gross:总",
    "net:净",
    "cancelled:取消",
    "open:未完成",
    "closed:完成",
    "regional:区域",
    "mobile:移动",
    "premium:高级",
    "basic:基础",
    "domestic:国内",
    "overseas:海外",
)
FIGURES = (
    "count:数",
    "rate:率",
    "amount:金额",
    "cost:成本",
    "share:占比",
    "duration:时长",
    "margin:利润率",
    "growth:增长",
    "average:均值",
    "backlog:积压",
    "score:评分",
    "frequency:频次",
    "value:价值",
    "volume:量",
    "variance:波动",
    "limit:限额",
    "yield:产出",
    "weight:重量",
    "price:价格",
    "depth:深度",
)
ASKED = (
    "how much money did shoppers get back",
    "which people quit without telling us",
    "顾客多久才会再来一次",
    "店里最近是不是没什么人来逛",
    "what part of the boxes arrives too late in 上海中心店17号",
    "线上付费的人里有几成又取消了，按城市和渠道拆开看看",
)

MORE_ASKED = (
    "上个月线上支付金额17按d1拆分",
    "compare new order count 21 and gross order amount 3 in September with last year",
    "为什么退款率42上周下降了",
    "top 5 d2 by late parcel share 9 in Q3, without 上海中心店17号",
)
AS_OF = dt.date(2026, 11, 1)
MODEL = SemanticModel(
    id="m", table="m", time_dimension="day", measures=(Measure(name="size", agg=Aggregation.SUM),),
    dimensions=(
        Dimension(name="day", type="time", grain="day"),
        *(Dimension(name=f"d{n}", label=Text(en=f"d{n}", zh=f"d{n}")) for n in range(5)),
    ),
)  # fmt: skip


def make_metrics(count: int) -> Catalog:
    """Return a catalog of `count` invented metrics with six documents each."""
    metrics = {}
    combined = itertools.product(FIGURES, SCOPES, SUBJECTS)
    for number, parts in enumerate(itertools.islice(itertools.cycle(combined), count)):
        (figure, figure_zh), (scope, scope_zh), (subject, subject_zh) = (
            p.split(":") for p in parts
        )
        id = f"{scope}_{subject}_{figure}_{number}"
        metrics[id] = Metric(
            id=id,
            name=Text(
                en=f"{scope} {subject} {figure} {number}",
                zh=f"{scope_zh}{subject_zh}{figure_zh}{number}",
            ),
            description=Text(
                en=f"The {figure} of every {scope} {subject} of group {number} in the period",
                zh=f"本期第{number}组{scope_zh}{subject_zh}的{figure_zh}",
            ),
            synonyms=Words(
                en=(f"{subject} {figure} {number}",), zh=(f"{subject_zh}{figure_zh}{number}",)
            ),
            of=Simple(model="m", measure="size"), status="published",
        )  # fmt: skip
    return Catalog(models={"m": MODEL}, metrics=metrics, trusted=True)


def make_values(count: int) -> tuple[ValueEntry, ...]:
    """Return `count` invented members of five dimensions, with an English word each."""
    chance = random.Random(SEED)
    cities = ["上海", "北京", "广州", "深圳", "杭州", "南京", "成都", "重庆"]
    letters = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏"
    entries = []
    for number in range(count):
        name = f"{chance.choice(cities)}{''.join(chance.choices(letters, k=3))}店{number}号"
        english = "".join(chance.choices("abcdefghijklmnop", k=7))
        entries.append(
            ValueEntry(f"d{number % 5}", name, (f"{english} store {number}",), model="m")
        )
    return tuple(entries)


def main() -> None:
    """Print the measures."""
    metrics, values = (int(n) for n in (*sys.argv[1:3], "1000", "100000")[:2])
    folder = Path(sys.argv[3] if len(sys.argv) > 3 else tempfile.mkdtemp(prefix="bench-retrieval-"))
    catalog, entries = make_metrics(metrics), make_values(values)
    names = _timed("names of the catalog", lambda: NameIndex.of(catalog))
    members = _timed("values", lambda: ValueIndex(entries))
    index = _timed("open the metric index", lambda: MetricIndex.open(catalog, folder))
    _timed("first search by meaning", lambda: index.search(ASKED[0], 5, EVERYTHING))
    _timed("first search of values", lambda: members.occurrences(ASKED[4], EVERYTHING))
    texts = list(itertools.islice(itertools.cycle(ASKED), QUESTIONS))
    _spread("names", [_lasts(lambda t=t: names.occurrences(t, EVERYTHING)) for t in texts])  # type: ignore[misc]
    _spread("values", [_lasts(lambda t=t: members.occurrences(t, EVERYTHING)) for t in texts])  # type: ignore[misc]

    def ask(text: str) -> None:
        names.occurrences(text, EVERYTHING)
        members.occurrences(text, EVERYTHING)
        index.search(text, 5, EVERYTHING)

    _spread("all together", [_lasts(lambda t=t: ask(t)) for t in texts])  # type: ignore[misc]
    understand = _understanding(catalog, names, members, index)
    texts = list(itertools.islice(itertools.cycle((*ASKED, *MORE_ASKED)), QUESTIONS))
    _timed("first reading", lambda: understand(texts[0]))
    _spread("read and resolved", [_lasts(lambda t=t: understand(t)) for t in texts])  # type: ignore[misc]


def _understanding(
    catalog: Catalog, names: NameIndex, members: ValueIndex, index: MetricIndex
) -> Callable[[str], object]:
    """Return what turns a text into a resolved query, or into the question back."""
    lexicons = Lexicons(catalog, names, members)
    meaning = Meaning(lambda text, policy: index.search(text, 8, policy), confidence)
    gate = Gate(
        confidence,
        lambda words, policy: tuple(
            (str(o.value), str(o.dimension)) for o in members.search(words, policy, 4)
        ),
        index.strangeness,
    )

    def understand(text: str) -> object:
        language = language_of(text)
        reading = read(Question(text, AS_OF, language), lexicons, EVERYTHING, meaning)
        return check(reading, catalog, EVERYTHING, gate) or resolve(reading, catalog, AS_OF)

    return understand


def _timed(label: str, make: Callable[[], Made]) -> Made:
    start, used = time.perf_counter(), time.process_time()
    made = make()
    print(f"{label}: {time.perf_counter() - start:.2f} s (cpu {time.process_time() - used:.2f} s)")
    return made


def _lasts(run: Callable[[], object]) -> tuple[float, float]:
    start, used = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - start, time.process_time() - used


def _spread(label: str, seconds: list[tuple[float, float]]) -> None:
    for kind, place in (("wall", 0), ("cpu", 1)):
        ranked = sorted(each[place] * 1000 for each in seconds)
        middle, late = ranked[len(ranked) // 2], ranked[int(len(ranked) * 0.95)]
        print(f"{label} ({kind}): p50 {middle:.1f} ms, p95 {late:.1f} ms")


if __name__ == "__main__":
    main()
