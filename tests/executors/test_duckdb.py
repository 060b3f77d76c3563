"""DuckDB's own doors are shut: no file, no network, no extension, no setting, no Python value."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from executors.duckdb import DuckDBExecutor, connect
from executors.executor import ExecutorError, Limits
from tests.executors.engines import MANY, TIGHT, make_duckdb

seen_from_python = pd.DataFrame({"secret": [1]})


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_duckdb(tmp_path_factory.mktemp("doors"))


OUTSIDE = (
    "SELECT * FROM read_csv('{file}')", "SELECT * FROM read_text('{file}')",
    "SELECT * FROM read_blob('/etc/passwd')", "SELECT * FROM '{file}'",
    "SELECT * FROM read_parquet('http://127.0.0.1:9/x.parquet')",
    "SELECT * FROM glob('/etc/*')", "SELECT * FROM sniff_csv('{file}')",
    "SELECT getenv('HOME')", "SELECT * FROM seen_from_python",
    "COPY (SELECT 1) TO '{folder}/out.csv'", "COPY words FROM '{file}'",
    "EXPORT DATABASE '{folder}/out'", "ATTACH '{folder}/other.duckdb'",
    "INSTALL httpfs", "LOAD httpfs", "CREATE SECRET (TYPE s3)", "USE memory",
)  # fmt: skip
SETTINGS = (
    "SET enable_external_access = true", "SET lock_configuration = false",
    "SET memory_limit = '99GB'", "RESET threads", "PRAGMA threads = 9", "SET VARIABLE x = 1",
    "CREATE MACRO one() AS 1", "PREPARE later AS SELECT 1", "CALL pragma_version()",
    "CHECKPOINT", "VACUUM",
)  # fmt: skip


@pytest.mark.parametrize("sql", [*OUTSIDE, *SETTINGS])
def test_a_door_is_shut(path: Path, tmp_path: Path, sql: str) -> None:
    file = tmp_path / "secret.csv"
    file.write_text("a,b\n1,2\n")
    (tmp_path / "other.duckdb").touch()
    engine = DuckDBExecutor(path)
    with pytest.raises(ExecutorError):
        engine.fetch(sql.format(file=file, folder=tmp_path), {}, 10)
    engine.close()
    assert sorted(found.name for found in tmp_path.iterdir()) == ["other.duckdb", "secret.csv"]


@pytest.mark.parametrize("sql", [*OUTSIDE[:8], *SETTINGS[:4]])
def test_the_connection_alone_shuts_it_too(path: Path, tmp_path: Path, sql: str) -> None:
    """Were a statement to pass the first gate, the engine itself would still refuse."""
    file = tmp_path / "secret.csv"
    file.write_text("a,b\n1,2\n")
    with contextlib.closing(connect(path, Limits())) as connection, pytest.raises(duckdb.Error):
        connection.execute(sql.format(file=file, folder=tmp_path)).fetchall()


def test_the_file_is_never_written(path: Path) -> None:
    before = path.read_bytes()
    engine = DuckDBExecutor(path)
    engine.fetch("SELECT sum(id) FROM visits GROUP BY page", {}, 10)
    for sql in ("DELETE FROM visits", "CREATE TABLE more AS SELECT 1"):
        with pytest.raises(ExecutorError):
            engine.fetch(sql, {}, 1)
    engine.close()
    assert path.read_bytes() == before
    with contextlib.closing(connect(path, Limits())) as connection:
        for sql in ("DELETE FROM visits", "CREATE TABLE more AS SELECT 1"):
            with pytest.raises(duckdb.Error):
                connection.execute(sql)


def test_memory_ends_at_its_limit(path: Path) -> None:
    engine = DuckDBExecutor(path, Limits(memory="20MB", threads=1))
    with pytest.raises(ExecutorError) as raised:
        engine.fetch(
            "SELECT list(a.id), list(b.id) FROM visits a, visits b WHERE b.id < 400", {}, 1
        )
    assert raised.value.code == "query_too_large"
    assert engine.fetch("SELECT count(*) FROM visits", {}, 1) == ((MANY,),)
    engine.close()


def test_the_limits_are_the_engines(path: Path) -> None:
    engine = DuckDBExecutor(path, TIGHT)
    asked = "SELECT current_setting('threads'), current_setting('max_execution_time')"
    assert engine.fetch(asked, {}, 1) == ((TIGHT.threads, TIGHT.milliseconds),)
    engine.close()


def test_closing_one_engine_leaves_the_other_open(path: Path) -> None:
    first, second = DuckDBExecutor(path), DuckDBExecutor(path)
    assert first.fetch("SELECT 1", {}, 1) == second.fetch("SELECT 1", {}, 1)
    first.close()
    assert second.fetch("SELECT 2", {}, 1) == ((2,),)
    second.close()


COUNT_BY_DAY = """
SELECT CAST(moment AS DATE) AS day, date_trunc('hour', moment)::VARCHAR AS hour FROM pings
"""
ASKED_IN = """
import sys
from pathlib import Path
from executors.duckdb import DuckDBExecutor
from executors.executor import Limits
engine = DuckDBExecutor(Path(sys.argv[1]), Limits(zone="America/New_York"))
print(engine.fetch(sys.argv[2], {}, 10))
"""


def test_moments_with_a_zone_count_in_the_zone_of_the_project(tmp_path: Path) -> None:
    file = tmp_path / "pings.duckdb"
    with contextlib.closing(duckdb.connect(str(file))) as connection:
        connection.execute("CREATE TABLE pings (moment TIMESTAMPTZ)")
        connection.execute("INSERT INTO pings VALUES ('2026-03-02 03:30:00+00')")
    said = {
        subprocess.run(
            [sys.executable, "-c", ASKED_IN, str(file), COUNT_BY_DAY],
            env={**os.environ, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for zone in ("UTC", "Asia/Tokyo", "America/Los_Angeles")
    }
    assert said == {"((datetime.date(2026, 3, 1), '2026-03-01 22:00:00-05'),)\n"}


def test_two_zones_on_one_file_are_told_apart_only_where_they_matter(tmp_path: Path) -> None:
    plain, zoned = tmp_path / "plain.duckdb", tmp_path / "zoned.duckdb"
    for file, kind in ((plain, "TIMESTAMP"), (zoned, "TIMESTAMPTZ")):
        with duckdb.connect(str(file)) as made:
            made.execute(f"CREATE TABLE t (moment {kind})")
    first = connect(plain, Limits(zone="Asia/Shanghai"))
    connect(plain, Limits(zone="UTC")).close()
    first.close()
    first = connect(zoned, Limits(zone="Asia/Shanghai"))
    with pytest.raises(ExecutorError):
        connect(zoned, Limits(zone="UTC"))
    first.close()


def test_a_file_that_was_written_over_is_no_want_of_memory(tmp_path: Path) -> None:
    file = tmp_path / "rows.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "CREATE TABLE t AS SELECT range AS n, md5(range::text) AS s FROM range(300000)"
        )
    engine = DuckDBExecutor(file)
    assert engine.columns()
    file.write_bytes(b"junk" * 10_000)
    with pytest.raises(ExecutorError) as failed:
        engine.fetch("SELECT max(s) FROM t", {}, 1)
    assert failed.value.code == "query_failed"
    engine.close()
