"""Owns the served copy of a database: what happens to the project's file does not reach it.

Within a process DuckDB gives every connection to one path the database that was opened first,
even after the file was replaced; and it reads blocks as they are needed, so that a file which is
written over in place is lost for those who have it open. So the page serves from a file of its
own: a copy, or where that would take much room a second name. Its name is gone once it is open.
"""

import contextlib
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from assistant.config import Project
from executors.duckdb import DuckDBExecutor
from executors.executor import Engine, ExecutorError

MOST_COPIED_BYTES = 4 * 2**30
"""A larger database is served under a second name: safe from being replaced, not from writes."""
ROOM_LEFT = 2
"""A copy is made where this many times its size is free on the disk."""
BEFORE, ENDING, JOURNAL = ".served-", ".duckdb", ".wal"
FORGOTTEN_SECONDS = 600
"""After how long a name that nobody took back is one of a process that was killed."""


def own_executor(made: Engine, project: Project) -> Engine:
    """Return an executor on the database as it is now, in a file of its own.

    Raises ExecutorError, which names the project's file.
    """
    if not isinstance(made, DuckDBExecutor):
        return made
    folder = project.state_folder
    folder.mkdir(parents=True, exist_ok=True)
    _forget_lost(folder)
    try:
        made.columns()  # nobody writes to the file as long as it is open
        with _second_file(made.path, folder) as name:
            executor = DuckDBExecutor(name, made.limits, made.data_as_of)
            executor.columns()
    except ExecutorError as error:
        said = {name: text.replace(str(made.path), made.path.name) for name, text in
                error.arguments.items()}  # fmt: skip
        raise ExecutorError(error.code, **said) from error
    finally:
        made.close()
    return executor


@contextlib.contextmanager
def _second_file(file: Path, folder: Path) -> Iterator[Path]:
    """Give a copy of `file`, else a second name of it, with what is not yet written into it."""
    name = folder / f"{BEFORE}{secrets.token_hex(6)}{ENDING}"
    parts = [(file, name), (_journal(file), _journal(name))]
    try:
        if not _copied(parts):
            name = _linked(file, name)
        yield name
    finally:  # an open file outlives its name
        name.unlink(missing_ok=True)
        _journal(name).unlink(missing_ok=True)


def _copied(parts: list[tuple[Path, Path]]) -> bool:
    """Whether every part could be copied: there was room for it."""
    there = [(old, new) for old, new in parts if old.exists()]
    size = sum(old.stat().st_size for old, _ in there)
    if size > MOST_COPIED_BYTES or shutil.disk_usage(parts[0][1].parent).free < ROOM_LEFT * size:
        return False
    try:
        for old, new in there:
            shutil.copyfile(old, new)
    except OSError:
        for _, new in there:
            new.unlink(missing_ok=True)
        return False
    return True


def _linked(file: Path, name: Path) -> Path:
    """Return a hard link to `file`: beside the state, or on another disk beside the file."""
    try:
        os.link(file, name)
    except OSError:
        name = file.with_name(name.name)
        os.link(file, name)
    if _journal(file).exists():
        shutil.copyfile(_journal(file), _journal(name))
    return name


def _journal(file: Path) -> Path:
    return file.with_name(file.name + JOURNAL)


def _forget_lost(folder: Path) -> None:
    """Remove the files of processes that were killed before they could."""
    for file in folder.glob(f"{BEFORE}*"):
        with contextlib.suppress(OSError):
            if time.time() - file.stat().st_mtime > FORGOTTEN_SECONDS:
                file.unlink()
