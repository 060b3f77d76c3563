"""One suite over every registered executor: right rows, locked down, limited, stoppable."""

import datetime as dt
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.plugins import find
from executors.executor import Engine, ExecutorError, Limits
from tests.executors.engines import HOSTILE, MANY, QUERY, TIGHT, WORLDS, World, ask


def test_every_registered_executor_is_tested() -> None:
    assert set(find("executor")) == set(WORLDS)


@pytest.fixture(scope="module", params=sorted(WORLDS))
def world(request: pytest.FixtureRequest) -> tuple[str, World]:
    return request.param, WORLDS[request.param]


@pytest.fixture(scope="module")
def place(world: tuple[str, World], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return world[1].make(tmp_path_factory.mktemp("world"))


@pytest.fixture
def engine(world: tuple[str, World], place: Path) -> Iterator[Engine]:
    opened: Engine = find("executor")[world[0]](place, Limits())
    yield opened
    opened.close()


@pytest.fixture
def tight(world: tuple[str, World], place: Path) -> Iterator[Engine]:
    opened: Engine = find("executor")[world[0]](place, TIGHT)
    yield opened
    opened.close()


def refused(engine: Engine, sql: str) -> str:
    with pytest.raises(ExecutorError) as raised:
        engine.fetch(sql, {}, 1)
    return raised.value.code


# Rows


def test_rows_are_plain_values(engine: Engine) -> None:
    engine.data_as_of = dt.date(2026, 2, 1)
    table = ask(
        engine, "SELECT id, day, paid, page FROM visits WHERE id = 3", "id", "day", "paid", "page"
    )
    assert table.rows == ((3, dt.date(2026, 1, 4), 1.5, None),)
    assert [type(cell) for cell in table.rows[0][:3]] == [int, dt.date, float]
    assert (table.query, table.data_as_of, table.truncated) == (QUERY, dt.date(2026, 2, 1), False)


def test_an_empty_result_has_its_columns(engine: Engine) -> None:
    table = ask(engine, "SELECT id FROM visits WHERE id < 0", "id")
    assert table.rows == () and table.columns[0].name == "id"


def test_columns_name_every_table(engine: Engine) -> None:
    found = engine.columns()
    assert set(found) == {"visits", "words"}
    assert list(found["visits"]) == ["id", "day", "paid", "page"]


# Values are bound, never pasted


@pytest.mark.parametrize("word", HOSTILE)
def test_a_value_is_compared_as_it_is(engine: Engine, word: str) -> None:
    found = ask(engine, "SELECT word FROM words WHERE word = $p0", "word", p0=word)
    assert found.rows == ((word,),)
    assert ask(engine, "SELECT count(*) AS n FROM visits", "n").rows == ((MANY,),)


@pytest.mark.parametrize("value", [*HOSTILE, 7, 0.5, True, None])
def test_a_value_comes_back_as_it_went(engine: Engine, value: str | int | float | None) -> None:
    assert ask(engine, "SELECT $p0 AS v", "v", p0=value).rows == ((value,),)


# Nothing but one SELECT


WRITES = (
    "DROP TABLE visits", "DELETE FROM visits", "UPDATE visits SET id = 1",
    "INSERT INTO words VALUES ('x')", "CREATE TABLE more AS SELECT 1",
    "CREATE TEMP TABLE more AS SELECT 1", "CREATE VIEW more AS SELECT 1",
)  # fmt: skip
OTHER = (
    "", ";", "SELECT 1; SELECT 2", "SELECT 1; DROP TABLE visits", "EXPLAIN SELECT 1",
    "SELEC 1", "SELECT nothing FROM visits", "BEGIN", "COMMIT",
)  # fmt: skip


@pytest.mark.parametrize("sql", [*WRITES, *OTHER])
def test_anything_but_one_select_is_turned_down(engine: Engine, sql: str) -> None:
    assert refused(engine, sql) in ("not_one_select", "query_failed")
    assert ask(engine, "SELECT count(*) AS n FROM visits", "n").rows == ((MANY,),)
    assert set(engine.columns()) == {"visits", "words"}


# Limits


def test_rows_beyond_the_limit_are_cut_and_said(tight: Engine) -> None:
    assert TIGHT.rows == 10
    for asked, cut in ((9, False), (10, False), (11, True), (MANY, True)):
        table = ask(tight, "SELECT id FROM visits ORDER BY id LIMIT $p0", "id", p0=asked)
        assert table.truncated is cut
        assert [row[0] for row in table.rows] == list(range(min(asked, TIGHT.rows)))


def test_a_statement_ends_at_its_time(world: tuple[str, World], tight: Engine) -> None:
    assert refused(tight, world[1].endless) in ("query_stopped", "query_failed")
    assert ask(tight, "SELECT 1 AS n", "n").rows == ((1,),)


def test_a_statement_is_stopped(world: tuple[str, World], engine: Engine) -> None:
    ask(engine, "SELECT 1 AS n", "n")
    codes: list[str] = []
    worker = threading.Thread(target=lambda: codes.append(refused(engine, world[1].endless)))
    worker.start()
    deadline = time.monotonic() + 30
    while worker.is_alive() and time.monotonic() < deadline:
        engine.interrupt()
        worker.join(timeout=0.05)
    assert codes == ["query_stopped"]
    assert ask(engine, "SELECT 1 AS n", "n").rows == ((1,),)


def test_several_threads_ask_at_once(engine: Engine) -> None:
    found: dict[int, object] = {}

    def count(page: int) -> None:
        text = "SELECT count(*) AS n FROM visits WHERE id % 5 = $p0"
        found[page] = ask(engine, text, "n", p0=page).rows

    workers = [threading.Thread(target=count, args=(page,)) for page in range(5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == dict.fromkeys(range(5), ((MANY // 5,),))


def test_it_opens_again_after_it_was_closed(engine: Engine) -> None:
    for _ in range(2):
        assert ask(engine, "SELECT 1 AS n", "n").rows == ((1,),)
        engine.close()


def test_a_database_that_is_not_there(world: tuple[str, World], tmp_path: Path) -> None:
    opened: Engine = find("executor")[world[0]](tmp_path / "none", Limits())
    with pytest.raises(ExecutorError) as raised:
        ask(opened, "SELECT 1 AS n", "n")
    assert raised.value.code == "database_missing"
