"""The page on own data: its commands run from an empty folder and give the answers it shows."""

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "own_data.md"
BLOCK = re.compile(r"^```(bash|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS = 240


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, str]]]:
    """The project that the page makes, and per shown output what was shown and what came."""
    folder = tmp_path_factory.mktemp("own")
    binaries = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"}
    environment |= {"LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")  # compiled once, not per command
    for name in ("ASKMETRIC_STATE", "PYTHONDONTWRITEBYTECODE"):
        environment.pop(name, None)
    shown, printed = [], ""
    for kind, block in BLOCK.findall(PAGE.read_text("utf-8")):
        if kind == "text":
            shown.append((block, printed))
            continue
        place = folder / "tea" if (folder / "tea").exists() else folder
        done = subprocess.run(
            ["bash", "-e", "-c", block], cwd=place, env=environment, capture_output=True,
            timeout=SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        assert b"Traceback" not in done.stderr
        printed = done.stdout.decode() + done.stderr.decode()
    return folder / "tea", shown


def test_every_shown_line_comes_out_in_order(tried: tuple[Path, list[tuple[str, str]]]) -> None:
    shown = tried[1]
    assert len(shown) == 6
    for block, printed in shown:
        came = iter(line.strip() for line in printed.splitlines())
        for line in block.splitlines():
            assert line.strip() in came, f"{line!r} in order in:\n{printed}"


def test_the_figures_are_those_of_the_files(tried: tuple[Path, list[tuple[str, str]]]) -> None:
    page = PAGE.read_text("utf-8")
    with (tried[0] / "data" / "orders.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with (tried[0] / "data" / "shops.csv").open(encoding="gb18030") as file:
        cities = {row["门店编号"]: row["城市"] for row in csv.DictReader(file)}
    october = [row for row in rows if row["ordered_at"].startswith("2026/10/")]
    september = [row for row in rows if row["ordered_at"].startswith("2026/9/")]
    assert f"fell to {len(october)} in October 2026, from {len(september)} " in page
    for city in ("杭州", "苏州"):
        amounts = [float(row["amount"].replace(",", "")) for row in october
                   if cities[row["shop_id"]] == city]  # fmt: skip
        mean = sum(amounts) / len(amounts)
        assert f"\n{city}\t{len(amounts)}\t{sum(amounts)}\t{mean}\t" in page
        assert f"{city}  ¥{mean:.2f}" in page


def test_the_chinese_page_names_the_same_commands() -> None:
    chinese = PAGE.with_name("own_data.zh.md").read_text("utf-8")
    for command in ("catalog tables", "catalog check", "catalog approve", "ask", "serve"):
        assert f"askmetric {command}" in chinese and f"askmetric {command}" in PAGE.read_text(
            "utf-8"
        )
