"""Owns reading one file as a table: Parquet, CSV or XLSX."""

from pathlib import Path
from typing import TYPE_CHECKING

from executors.executor import ExecutorError

if TYPE_CHECKING:
    import pandas as pd


def read_table(file: Path) -> "pd.DataFrame":
    """Return the rows of `file` as a pandas frame; raises ExecutorError with one clear cause."""
    import pandas as pd

    try:
        match file.suffix.lower():
            case ".csv":
                return pd.read_csv(file)
            case ".xlsx":
                return pd.read_excel(file)
            case _:
                return pd.read_parquet(file)
    except (OSError, ValueError, ImportError) as error:
        cause = str(error).strip().splitlines()[0][:200] if str(error).strip() else "unreadable"
        raise ExecutorError("file_unreadable", file=file.name, cause=cause) from error
