"""Changed files are served once they load; until then what was loaded before still answers."""

import datetime as dt
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from assistant.asking import Conversation
from assistant.config import find_project
from assistant.insights.answer import Answer
from assistant.interfaces.chat.handlers import Desk
from assistant.interfaces.chat.served import Served, explain
from assistant.wiring import Assistant
from executors.executor import ExecutorError
from metric_catalog.errors import CatalogError

QUESTION = "orders last month"


def value_of(served: Served) -> float | None:
    conversation = Conversation(served.assistant)
    reply = served.run(lambda _: conversation.ask(conversation.question(QUESTION, None, None)))
    assert isinstance(reply.outcome, Answer)
    return reply.outcome.value


def touch(file: Path, text: str) -> None:
    """Write and make sure that the time of change moves."""
    later = file.stat().st_mtime + 5
    file.write_text(text, "utf-8")
    os.utime(file, (later, later))


def test_nothing_changed_means_nothing_loaded(desk: Desk) -> None:
    before = desk.served.assistant
    desk.served.refresh()
    assert desk.served.assistant is before


def test_a_broken_definition_changes_nothing_and_a_mended_one_is_served(
    desk: Desk, own_shop: Path
) -> None:
    served, file = desk.served, own_shop / "metrics" / "orders.yml"
    whole, value = file.read_text("utf-8"), value_of(desk.served)
    touch(file, whole + "\nmetrics: [}\n")
    served.refresh()
    assert isinstance(served.problem, CatalogError)
    assert "orders.yml" in explain(served.problem, "en")
    assert value_of(served) == value
    kept = served.assistant
    served.refresh()
    assert served.assistant is kept
    touch(file, whole + "\n")
    served.refresh()
    assert served.problem is None
    assert served.assistant is not kept
    assert value_of(served) == value


def test_new_data_is_served(desk: Desk, own_shop: Path, tmp_path: Path) -> None:
    served, database = desk.served, own_shop / "data" / "shop.duckdb"
    value = value_of(served)
    draft = tmp_path / "draft.duckdb"
    shutil.copy(database, draft)
    with duckdb.connect(str(draft)) as connection:
        connection.execute("DELETE FROM orders WHERE ordered_at >= DATE '2026-10-16'")
    draft.replace(database)
    served.refresh()
    assert served.problem is None
    now = value_of(served)
    assert now is not None and value is not None and 0 < now < value
    assert not list(own_shop.rglob(".served-*"))


@pytest.mark.parametrize("content", [b"no database at all" * 100, None])
def test_a_broken_database_changes_nothing(
    desk: Desk, own_shop: Path, tmp_path: Path, content: bytes | None
) -> None:
    served, database = desk.served, own_shop / "data" / "shop.duckdb"
    value = value_of(served)
    if content is None:
        database.unlink()
    else:
        draft = tmp_path / "draft"
        draft.write_bytes(content)
        draft.replace(database)
    served.refresh()
    assert isinstance(served.problem, ExecutorError)
    assert "shop.duckdb" in explain(served.problem, "zh")
    assert value_of(served) == value


def test_a_project_that_cannot_be_loaded_is_not_served(own_shop: Path) -> None:
    (own_shop / "data" / "shop.duckdb").unlink()
    with pytest.raises(ExecutorError) as failed:
        Served.load(Assistant(find_project(None, own_shop)))
    assert failed.value.code == "database_missing"


def test_as_of_is_the_projects(desk: Desk) -> None:
    assert desk.served.as_of == dt.date(2026, 11, 1)


@pytest.mark.parametrize("length", [0, 4000, None])
def test_a_database_written_over_in_place_is_served_as_it_was(
    desk: Desk, own_shop: Path, length: int | None
) -> None:
    served, database = desk.served, own_shop / "data" / "shop.duckdb"
    whole = database.read_bytes()
    database.write_bytes(b"junk" * (len(whole) // 4 if length is None else length))
    served.refresh()
    assert isinstance(served.problem, ExecutorError)
    for language in ("en", "zh"):
        said = explain(served.problem, language)
        assert "shop.duckdb" in said and ".served-" not in said
    value = value_of(served)
    database.write_bytes(whole)
    os.utime(database, (1, 1))
    served.refresh()
    assert served.problem is None
    assert value_of(served) == value


def test_rows_that_wait_in_the_journal_are_served(desk: Desk, own_shop: Path) -> None:
    database, before = own_shop / "data" / "shop.duckdb", value_of(desk.served)
    rows = "DELETE FROM orders WHERE ordered_at >= DATE '2026-10-16'"
    script = (
        "import duckdb, os, sys\n"
        "connection = duckdb.connect(sys.argv[1])\n"
        "connection.execute('SET checkpoint_threshold = \\'1TB\\'')\n"
        f'connection.execute("{rows}")\n'
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(database)], check=True)
    assert database.with_name("shop.duckdb.wal").exists()
    served = Served.load(Assistant(find_project(None, own_shop)))
    now = value_of(served)
    assert now is not None and before is not None and 0 < now < before
    served.close()


def test_a_copy_that_a_killed_process_left_is_taken_away(own_shop: Path) -> None:
    project = find_project(None, own_shop)
    project.state_folder.mkdir(parents=True, exist_ok=True)
    lost, young = (project.state_folder / f".served-{name}.duckdb" for name in ("lost", "young"))
    for file in (lost, young):
        file.write_bytes(b"")
    os.utime(lost, (1, 1))
    Served.load(Assistant(project)).close()
    assert not lost.exists() and young.exists()
