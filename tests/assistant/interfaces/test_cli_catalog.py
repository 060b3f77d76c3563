"""`catalog …` as its owners call it: check, list, show, diff, approve, import, export, tables."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from assistant.wiring import Assistant
from prompts.render import sentences
from tests.assistant.interfaces.commands import Desk
from tests.assistant.interfaces.sites import make_site


@pytest.fixture
def site(tmp_path: Path) -> Desk:
    """A small project of its own, with one metric that nobody has approved."""
    return make_site(tmp_path / "site", approved=False)


def edited(site: Desk, old: str, new: str) -> None:
    file = site.project / "metrics" / "visits.yml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def test_check_of_the_shop_passes(desk: Desk) -> None:
    done = desk("catalog", "check")
    assert done.status == 0 and "no errors" in done.out
    listed = desk("catalog", "check", "--json")
    assert listed.status == 0
    assert all(item["severity"] == "warning" for item in listed.json)


def test_check_finds_every_fault_at_once(site: Desk) -> None:
    edited(site, "measure: visit_count", "measure: visit_cuont")
    edited(site, "owner: web team", 'owner: ""')
    edited(site, "expr: visit_id}]\n    dimensions", "expr: visit_idd}]\n    dimensions")
    done = site("catalog", "check", "--json")
    assert done.status == 1
    found = {item["code"]: item for item in done.json if item["severity"] == "error"}
    assert len(found) >= 3
    for item in found.values():
        assert {"code", "severity", "place", "text", "nearest"} <= set(item)
    assert any("visit_count" in item["nearest"] for item in found.values())
    assert found["source_column_missing"]["nearest"] == ["visit_id"]
    said = {lang: site("catalog", "check", "--lang", lang).out for lang in ("en", "zh")}
    assert len(said["en"].splitlines()) == len(said["zh"].splitlines()) == len(done.json)
    assert said["en"] != said["zh"]


def test_check_finds_keys_that_are_none(site: Desk) -> None:
    file = site.project / "visits.csv"
    text = file.read_text("utf-8")
    file.write_text(f"{text}\n0,2026-10-30,b", "utf-8")
    done = site("catalog", "check", "--json")
    assert done.status == 1
    found = [item for item in done.json if item["severity"] == "error"]
    assert [item["code"] for item in found] == ["source_key_repeated"]
    assert found[0]["place"].endswith("visits.entities.visit") and "1 rows" in found[0]["text"]


def test_check_works_without_data(site: Desk) -> None:
    (site.project / "visits.csv").unlink()
    done = site("catalog", "check")
    assert done.status == 0 and "*.csv" in done.sentence()


def test_a_database_that_cannot_be_read_is_not_called_right(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", approved=True, database=True)
    assert site("catalog", "check").status == 0
    file = site.project / "site.duckdb"
    file.write_bytes(b"no database at all" * 1000)
    for _ in ("corrupt", "missing"):
        done = site("catalog", "check")
        assert (done.status, done.out) == (3, "") and file.name in done.sentence()
        file.unlink(missing_ok=True)


def test_list_and_show(desk: Desk, shop_session: Assistant) -> None:
    listed = desk("catalog", "list", "--json").json
    assert [row["id"] for row in listed] == list(shop_session.catalog.metrics)
    assert len(desk("catalog", "list").out.splitlines()) == len(listed)
    shown = desk("catalog", "show", "gmv", "--json").json
    assert shown["id"] == "gmv" and shown["hash"] == shop_session.catalog.hash_of("gmv")
    for lang, name in (("zh", "成交额"), ("en", "GMV")):
        assert desk("catalog", "show", "gmv", "--lang", lang).out.startswith(name)
    missing = desk("catalog", "show", "gmw")
    assert missing.status == 1 and "`gmv`" in missing.sentence()


def test_tables_show_what_was_loaded(site: Desk) -> None:
    assert site("catalog", "tables", "--json").json == {
        "visits": {"visit_id": "BIGINT", "day": "DATE", "page": "VARCHAR"}
    }
    assert site("catalog", "tables").out.splitlines()[0] == "visits"


def test_approval_turns_a_draft_into_an_answer(site: Desk) -> None:
    refused = site("ask", "visits in September", "--json")
    assert refused.status == 1 and refused.json["refusal"]["reason"] == "draft"
    assert site("catalog", "approve", "visits", "--by", "analyst").status == 1  # its author
    assert site("catalog", "approve", "visits", "--by", " ").status == 1
    assert site("catalog", "approve", "vists", "--by", "owner").status == 1
    done = site("catalog", "approve", "visits", "--by", "owner", "--why", 'a "reason": 1')
    assert done.status == 0
    assert site("catalog", "approve", "visits", "--by", "owner").status == 1  # again
    answered = site("ask", "visits in September", "--json")
    assert answered.status == 0 and answered.json["value"] == 100
    edited(site, "en: How many visits there were.", "en: Visits.")  # no change of meaning
    assert site("ask", "visits in September", "--json").status == 0
    edited(site, "agg: count,", "agg: count_distinct,")
    assert site("ask", "visits in September", "--json").json["refusal"]["reason"] == "draft"


def test_requests_count_what_people_miss(site: Desk) -> None:
    for question in ("visits in September", "visits in  September", "9月访问量"):
        assert site("ask", question).status == 1
    first, second = site("requests", "--json").json
    assert (first["question"], first["count"]) == ("visits in September", 2)
    assert (second["question"], second["count"]) == ("9月访问量", 1)
    assert "9月访问量" in site("requests").out


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


def test_diff_says_what_moved_since_a_revision(site: Desk) -> None:
    site("catalog", "approve", "visits", "--by", "owner")
    folder = site.project
    git(folder, "init", "-q")
    git(folder, "config", "user.name", "owner")
    git(folder, "config", "user.email", "owner@example.com")
    git(folder, "add", "metrics", "askmetric.toml")
    git(folder, "commit", "-q", "-m", "first")
    assert site("catalog", "diff", "--json").json == []
    assert site("catalog", "diff").status == 0
    edited(site, "    measure: visit_count", "    measure: visit_count\n    filter: \"page = 'a'\"")
    found = site("catalog", "diff", "--json")
    assert found.status == 0
    assert "visits" in json.dumps(found.json)
    assert "visits" in site("catalog", "diff", "HEAD").out
    unknown = site("catalog", "diff", "no-such-revision")
    assert unknown.status == 2 and "no-such-revision" in unknown.sentence()
    edited(site, "changed_by: analyst", "changed_by: second analyst")
    approved = site("catalog", "approve", "visits")  # by git's user.name
    assert approved.status == 0 and "owner" in approved.out


MANIFEST = {
    "semantic_models": [
        {
            "name": "visits", "node_relation": {"alias": "visits", "schema_name": "main"},
            "defaults": {"agg_time_dimension": "day"},
            "entities": [{"name": "visit", "type": "primary", "expr": "visit_id"}],
            "dimensions": [
                {"name": "day", "type": "time", "type_params": {"time_granularity": "day"}},
                {"name": "page", "type": "categorical"},
            ],
            "measures": [{"name": "visit_count", "agg": "count", "expr": "visit_id"}],
        }
    ],
    "metrics": [
        {"name": "visits", "type": "simple", "type_params": {"measure": {"name": "visit_count"}}}
    ],
    "project_configuration": {"time_spines": []},
}  # fmt: skip


def test_a_manifest_is_imported_with_a_report(site: Desk, tmp_path: Path) -> None:
    manifest = tmp_path / "semantic_manifest.json"
    manifest.write_text(json.dumps(MANIFEST), "utf-8")
    out = tmp_path / "imported"
    done = site.bare("catalog", "import", "dbt", str(manifest), "--out", str(out), "--json")
    assert done.status == 0
    assert {"files", "report"} <= set(done.json)
    assert all(Path(file).is_file() for file in done.json["files"])
    for item in done.json["report"]:
        assert {"outcome", "place", "text"} <= set(item)
    again = site.bare("catalog", "import", "dbt", str(manifest), "--out", str(out))
    assert again.status == 1  # nothing is overwritten
    text = site.bare("catalog", "import", "dbt", str(manifest), "--out", str(tmp_path / "second"))
    assert text.status == 0 and "second" in text.out
    assert "loss_" not in text.out and "dropped:" not in text.out
    manifest.write_text("{}", "utf-8")
    assert site.bare("catalog", "import", "dbt", str(manifest), "--out", str(out)).status == 1
    missing = site.bare("catalog", "import", "dbt", "missing.json", "--out", str(out))
    assert missing.status == 2 and "missing.json" in missing.sentence()
    folder = site.bare("catalog", "import", "dbt", str(tmp_path), "--out", str(out))
    assert folder.status == 2
    other = site.bare("catalog", "import", "cube", str(manifest), "--out", str(out))
    assert other.status == 2 and "cube" in other.sentence()


@pytest.mark.skipif(not Path("/proc/self/mem").is_file(), reason="no file that cannot be read")
def test_a_manifest_that_the_system_cannot_read_is_no_wrong_usage(
    site: Desk, tmp_path: Path
) -> None:
    done = site.bare("catalog", "import", "dbt", "/proc/self/mem", "--out", str(tmp_path / "x"))
    assert done.status == 3 and "mem" in done.sentence()
    assert not (tmp_path / "x").exists()


def test_the_list_is_exported(desk: Desk, tmp_path: Path, shop_session: Assistant) -> None:
    for lang in ("en", "zh"):
        text = desk("catalog", "export", "--format", "md", "--lang", lang).out
        for metric in shop_session.catalog.metrics.values():
            if metric.private:
                continue
            assert re.search(rf"\b{metric.id}\b", text) and metric.name[lang] in text  # type: ignore[index]
    file = tmp_path / "list.md"
    assert desk("catalog", "export", "--out", str(file)).status == 0
    assert file.read_text("utf-8").startswith("|")
    book = tmp_path / "list.xlsx"
    assert desk("catalog", "export", "--format", "xlsx", "--out", str(book)).status == 0
    assert book.read_bytes().startswith(b"PK")
    wrong = desk("catalog", "export", "--format", "pdf")
    assert wrong.status == 2 and "pdf" in wrong.sentence()
    nowhere = desk("catalog", "export", "--out", str(tmp_path / "missing" / "list.md"))
    assert nowhere.status in (2, 3) and "missing" in nowhere.sentence()


CODES = re.compile(
    r"\b(up_good|down_good|lagging|leading|published|in_review|entity_share|simple|cumulative"
    r"|count_distinct|sum_boolean|conversion_rate|sum|average|none|ratio)\b"
)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_list_shows_no_codes(desk: Desk, lang: str) -> None:
    text = desk("catalog", "export", "--lang", lang).out
    said = [line.split("|") for line in text.splitlines() if line.startswith("|")]
    place = {name.strip(): at for at, name in enumerate(said[0])}
    for key in ("type", "status", "direction", "nature", "unit", "formula", "tier"):
        cells = {line[place[sentences(lang, "listing")[key]]].strip() for line in said[2:]}
        assert not [cell for cell in cells if lang == "zh" and CODES.search(cell)], key
        assert not [cell for cell in cells if "_good" in cell or "entity_share" in cell], key
        assert lang == "en" or key == "unit" or all(not cell.isascii() for cell in cells if cell), (
            key
        )
