"""Owns `Store`: the one door to the state database; every write is one transaction."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, insert, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from assistant.state import tables
from executors.executor import ExecutorError

LOCK_WAIT_SECONDS = 10
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Store:
    """Rows by table; opens its database at the first use. Raises ExecutorError when it fails."""

    url: str

    @cached_property
    def engine(self) -> Engine:
        """The engine, with the tables made where they are missing."""
        url = make_url(self.url)
        sqlite = url.get_backend_name() == "sqlite"
        if sqlite and url.database and url.database != ":memory:":
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        options = {"timeout": LOCK_WAIT_SECONDS} if sqlite else {}
        try:
            engine = create_engine(url, connect_args=options)
        except ModuleNotFoundError as error:
            raise ExecutorError("state_driver_missing", name=error.name) from error
        if sqlite:
            event.listen(engine, "connect", _durable)
        tables.metadata.create_all(engine)
        return engine

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a connection whose writes are all kept or all undone."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except IntegrityError:
            raise
        except (SQLAlchemyError, OSError) as error:
            raise ExecutorError("state_failed", cause=str(error).splitlines()[0]) from error

    def put(self, table: Table, row: Row) -> bool:
        """Insert `row`; False where a row of that key is there already (it is left as it is)."""
        try:
            with self.transaction() as connection:
                connection.execute(insert(table).values(_stamped(table, row)))
        except IntegrityError:
            return False
        return True

    def replace(self, table: Table, row: Row) -> None:
        """Insert `row`, or update the row of the same id."""
        if not self.put(table, row):
            with self.transaction() as connection:
                changed = update(table).where(table.c.id == row["id"])
                connection.execute(changed.values(_stamped(table, row)))

    def get(self, table: Table, key: str) -> Row | None:
        """Return the row whose id is `key`."""
        with self.transaction() as connection:
            row = connection.execute(select(table).where(table.c.id == key)).mappings().first()
        return dict(row) if row else None

    def find(self, table: Table, **equal: Any) -> tuple[Row, ...]:
        """Return the rows with these cells, oldest first."""
        query = select(table)
        for name, value in equal.items():
            query = query.where(table.c[name] == value)
        order = table.c.stored_at if "stored_at" in table.c else table.c.last_at
        with self.transaction() as connection:
            return tuple(dict(row) for row in connection.execute(query.order_by(order)).mappings())

    def change(self, table: Table, key: str, **cells: Any) -> bool:
        """Set cells of the row `key`; False where there is none."""
        with self.transaction() as connection:
            done = connection.execute(update(table).where(table.c.id == key).values(cells))
        return bool(done.rowcount)

    def move(self, table: Table, key: str, states: Collection[str], **cells: Any) -> bool:
        """Set cells of the row `key` where its state is one of `states`; False elsewhere."""
        at = update(table).where(table.c.id == key, table.c.state.in_(states))
        with self.transaction() as connection:
            return bool(connection.execute(at.values(cells)).rowcount)


def _stamped(table: Table, row: Row) -> dict[str, Any]:
    return {**row, "stored_at": now()} if "stored_at" in table.c else dict(row)


def now() -> str:
    """Return the wall clock as ISO text: for the order of rows only, never for a period."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="microseconds")


def _durable(connection: Any, _record: Any) -> None:
    """Make a committed row survive a crash of the process and of the machine."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()
