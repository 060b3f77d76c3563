"""The shop's generator: the same from every run, the passing of days, effects, refusals."""

from datetime import date
from pathlib import Path
from types import ModuleType

import duckdb
import pytest
import yaml

SHOP = Path(__file__).parents[2] / "examples" / "shop"
SMALL = 0.03


def test_draws_of_two_purposes_are_independent() -> None:
    with duckdb.connect() as connection:
        connection.execute("SET VARIABLE seed = 7")
        connection.execute((SHOP / "sql" / "01_randomness.sql").read_text(encoding="utf-8"))
        row = connection.execute(
            "SELECT avg(u(i, 'a')), corr(u(i, 'a'), u(i, 'b')), corr(u(i, 'a'), u(i + 1, 'a')),"
            " avg(poisson(u(i, 'c'), 2.5)), var_pop(poisson(u(i, 'c'), 2.5)),"
            " avg(bell(i, 'd')), var_pop(bell(i, 'd')) FROM range(200000) t(i)"
        ).fetchone()
    assert row == pytest.approx((0.5, 0, 0, 2.5, 2.5, 0, 1), abs=0.02)


# Reproducibility and the passing of days, on small files.


def _content(path: Path) -> dict[str, tuple[int, int]]:
    """Table → (rows, sum of the rows' hashes), whatever the order of the rows."""
    with duckdb.connect(str(path), read_only=True) as connection:
        names = connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
        content = {}
        for (name,) in names:
            row = connection.execute(
                f"SELECT count(*), sum(hash(t)::HUGEINT)::VARCHAR FROM {name} t"
            ).fetchone()
            assert row is not None
            content[name] = (row[0], int(row[1] or 0))
    return content


@pytest.fixture(scope="module")
def small(generate: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("small") / "shop.duckdb"
    generate.build(generate.Recipe(scale=SMALL), out, threads=2)
    return out


@pytest.mark.parametrize(("threads", "chunk"), [(2, 100_000), (1, 100_000), (4, 701)])
def test_threads_and_chunks_do_not_change_the_content(
    generate: ModuleType, small: Path, tmp_path: Path, threads: int, chunk: int
) -> None:
    out = tmp_path / "again.duckdb"
    generate.build(generate.Recipe(scale=SMALL), out, threads=threads, customers_per_chunk=chunk)
    assert _content(out) == _content(small)


def test_another_seed_is_another_shop(generate: ModuleType, small: Path, tmp_path: Path) -> None:
    out = tmp_path / "other.duckdb"
    generate.build(generate.Recipe(scale=SMALL, seed=1), out)
    assert _content(out)["orders"] != _content(small)["orders"]


PAST = (
    "SELECT order_id, customer_id, store_id, channel, ordered_at, is_paid, order_amount, promised_at"
    " FROM orders WHERE ordered_at < '2026-11-01' ORDER BY order_id"
)


def test_advancing_keeps_the_past_and_goes_in_any_steps(
    generate: ModuleType, small: Path, tmp_path: Path
) -> None:
    once, twice = tmp_path / "once.duckdb", tmp_path / "twice.duckdb"
    for out, steps in ((once, ["20"]), (twice, ["5", "15"])):
        out.write_bytes(small.read_bytes())
        for days in steps:
            assert generate.main(["advance", "--days", days, "--out", str(out)]) == 0
    assert _content(once) == _content(twice)
    with duckdb.connect(str(small)) as before, duckdb.connect(str(once)) as after:
        past = before.execute(PAST).fetchall()
        assert after.execute(PAST).fetchall() == past
        assert after.execute("SELECT max(ordered_at)::DATE FROM orders").fetchone() == (
            date(2026, 11, 20),
        )


EFFECTS = {
    "late_delivery": (
        "-0.5",
        """SELECT avg(is_late::INTEGER) FROM orders JOIN customers USING (customer_id)
        WHERE city_tier = 'tier3' AND ordered_at >= '2026-11-01'""",
        -0.2,
    ),
    "win_back_bargain_hunters": (
        "0.4",
        """SELECT count(*) / (SELECT count(*) FROM customers WHERE acquisition_channel = 'flash_sale')
        FROM orders JOIN customers USING (customer_id)
        WHERE acquisition_channel = 'flash_sale' AND ordered_at >= '2026-11-01'""",
        0.2,
    ),
    "fix_verify_phone": (
        "1",
        """SELECT avg((completed_at IS NOT NULL)::INTEGER) FROM onboarding_steps
        WHERE step = 'verify_phone' AND platform = 'android' AND reached_at >= '2026-11-01'""",
        0.3,
    ),
    "cut_store_stock": (
        "-0.5",
        """SELECT sum(inventory_value) / (SELECT sum(inventory_value) FROM store_days
        WHERE day = '2026-10-25') FROM store_days WHERE day = '2026-11-29'""",
        -0.02,
    ),
    "repair_payments": (
        "-1",
        """SELECT avg(succeeded::INTEGER) FROM payment_attempts
        WHERE channel = 'mini_program' AND attempted_at >= '2026-11-01'""",
        0.03,
    ),
    "shift_budget_to_search_ads": (
        "1",
        """SELECT count(*) FILTER (marketing_channel = 'search_ads') / count(*) FROM trials
        WHERE started_at >= '2026-11-01'""",
        0.05,
    ),
    "answer_tickets": (
        "-1",
        """SELECT avg(is_unanswered::INTEGER) FROM service_tickets JOIN customers USING (customer_id)
        WHERE region = 'central' AND created_at >= '2026-11-05'""",
        -0.4,
    ),
}


@pytest.fixture(scope="module")
def two_futures(
    generate: ModuleType, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """A month later: nothing done, everything done."""
    folder = tmp_path_factory.mktemp("futures")
    recipe = generate.Recipe(scale=0.1)
    taken = [(action, float(size)) for action, (size, _, _) in EFFECTS.items()]
    generate.build(recipe.advanced(30, []), folder / "idle.duckdb")
    generate.build(recipe.advanced(30, taken), folder / "busy.duckdb")
    return folder / "idle.duckdb", folder / "busy.duckdb"


@pytest.mark.parametrize("action", sorted(EFFECTS))
def test_an_action_moves_its_process(two_futures: tuple[Path, Path], action: str) -> None:
    _, sql, at_least = EFFECTS[action]
    values = []
    for path in two_futures:
        with duckdb.connect(str(path), read_only=True) as connection:
            row = connection.execute(sql).fetchone()
            assert row is not None
            values.append(float(row[0]))
    change = values[1] - values[0]
    assert abs(change) >= abs(at_least) and change * at_least > 0


def test_effects_leave_the_past_alone(two_futures: tuple[Path, Path]) -> None:
    pasts = []
    for path in two_futures:
        with duckdb.connect(str(path), read_only=True) as connection:
            pasts.append(connection.execute(PAST).fetchall())
    assert pasts[0] == pasts[1]


def test_playbooks_and_effects_are_the_known_actions(generate: ModuleType) -> None:
    truths = yaml.safe_load((SHOP / "truth.yml").read_text(encoding="utf-8"))["truths"]
    named = {driver["playbook"] for truth in truths for driver in truth["drivers"]}
    assert named == set(EFFECTS) == set(generate.ACTIONS)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--scale", "0"],
        ["--scale", "nan"],
        ["--seed", "-1"],
        ["advance", "--days", "0"],
        ["advance", "--days", "3", "--effect", "no_such_action=1"],
        ["advance", "--days", "3", "--effect", "late_delivery"],
        ["advance", "--days", "3", "--effect", "late_delivery=-2"],
    ],
)
def test_wrong_usage_is_said(
    generate: ModuleType, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        generate.main(arguments)
    assert stopped.value.code == generate.WRONG_USAGE
    assert "error: argument" in capsys.readouterr().err


def test_path_that_cannot_be_written_is_said(
    generate: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    out = str(blocked / "shop.duckdb")
    assert generate.main(["--scale", "0.01", "--out", out]) == generate.WORLD_FAILED
    assert out in capsys.readouterr().err


def test_advancing_needs_a_file_of_the_generator(generate: ModuleType, tmp_path: Path) -> None:
    missing, other = str(tmp_path / "missing.duckdb"), tmp_path / "other.duckdb"
    assert generate.main(["advance", "--days", "1", "--out", missing]) == generate.WRONG_USAGE
    duckdb.connect(str(other)).close()
    before = other.read_bytes()
    assert generate.main(["advance", "--days", "1", "--out", str(other)]) == generate.WORLD_FAILED
    assert other.read_bytes() == before


def test_a_failed_build_leaves_the_old_file_and_no_rubbish(
    generate: ModuleType, tmp_path: Path
) -> None:
    out = tmp_path / "shop.duckdb"
    out.write_text("the old one")
    with pytest.raises(duckdb.Error):
        generate.build(generate.Recipe(scale=0.01, seed=generate.MAX_SEED + 1), out)
    assert out.read_text() == "the old one"
    assert list(tmp_path.iterdir()) == [out]
