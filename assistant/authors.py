"""Owns who changed what metrics mean, as far as git tells, where `changed_by` does not say it.

A definition says who changed it last, and that person may not approve it. Who changes a meaning
and leaves `changed_by` as it was would go round the rule; git knows them all the same. Where
there is no git, `changed_by` alone decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from assistant.config import FILE, Project
from assistant.revisions import revision_catalog, run_git
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.hashes import model_meaning, own_meaning
from metric_catalog.issues import Issue, issue
from metric_catalog.model.governance import same_person
from metric_catalog.rules.places import place_of
from metric_catalog.used_names import models_of

MOST_REVISIONS = 50
"""How many revisions of the definitions are looked at, the newest first."""
WORKING = ""
"""Stands for the files as they are, beside the names of revisions."""
_APART = "\x1f"


@dataclass(frozen=True, slots=True)
class _Revision:
    """One commit of definitions: those before it, and its author by name and address."""

    before: tuple[str, ...]
    authors: tuple[str, ...]


class History:
    """The revisions of a project's definitions; empty where git keeps none."""

    def __init__(self, project: Project, catalog: Catalog) -> None:
        self.project = project
        self._catalogs: dict[str, Catalog | None] = {WORKING: catalog}

    @cached_property
    def user(self) -> tuple[str, str]:
        """Return the name and address that git would write into a commit made now, or blanks."""
        name, address = (
            run_git(self.project.root, "config", f"user.{key}").strip() for key in ("name", "email")
        )
        return name, address

    @cached_property
    def revisions(self) -> dict[str, _Revision]:
        """Return the commits of definitions and settings, newest first, before them the files."""
        globs = [f":(glob){glob}" for glob in (FILE, *self.project.settings.metrics.files)]
        form = _APART.join(("--format=%H", "%P", "%an", "%ae"))
        listed = run_git(
            self.project.root, "log", "--parents", f"-n{MOST_REVISIONS}", form, "--", *globs
        )
        found = [line.split(_APART) for line in listed.splitlines()]
        newest = tuple(name for name, *_ in found[:1])
        kept = {WORKING: _Revision(newest, self.user)} if newest else {}
        return kept | {
            name: _Revision(tuple(before.split()), tuple(authors))
            for name, before, *authors in found
        }

    def catalog(self, revision: str) -> Catalog | None:
        """Return the definitions at `revision`, None where they cannot be read."""
        if revision not in self._catalogs:
            try:
                self._catalogs[revision] = revision_catalog(self.project, revision)
            except CatalogError:
                self._catalogs[revision] = None
        return self._catalogs[revision]


def unsigned_authors(history: History, metric_id: str) -> tuple[str, ...]:
    """Return who changed what the metric means since it was last approved, and did not sign it.

    Names and addresses, from git; a change is signed where `changed_by` moved with it or later.
    """
    now = history.catalog(WORKING)
    assert now is not None
    metric, current = now.metric(metric_id), now.hash_of(metric_id)
    approved = {item.hash for item in now.approvals if item.metric == metric.id} - {current}
    found: dict[str, None] = {}
    pending, done = [WORKING], set[str]()
    while pending:
        revision = pending.pop()
        own = dict(_meanings(history, (revision,), metric.id))
        if revision in done or not own:
            continue
        done.add(revision)
        known = history.revisions.get(revision, _Revision((), ()))
        before = dict(_meanings(history, known.before, metric.id))
        unsigned = any(same_person(by, metric.changed_by) for by in before.values())
        if unsigned and not own.keys() & before.keys():
            found |= dict.fromkeys(known.authors)
        if not own.keys() & approved:
            pending += known.before
    return tuple(found)


def _meanings(
    history: History, revisions: tuple[str, ...], metric_id: str
) -> Iterator[tuple[str, str]]:
    """Yield hash and `changed_by` of the metric at the revisions that have it.

    A revision that cannot be read stands for those before it.
    """
    for revision in revisions:
        catalog = history.catalog(revision)
        if catalog is None and revision in history.revisions:
            yield from _meanings(history, history.revisions[revision].before, metric_id)
        elif catalog is not None and metric_id in catalog.metrics:
            yield catalog.hash_of(metric_id), catalog.metrics[metric_id].changed_by


def changed_unsigned(history: History, metric_id: str, name: str) -> bool:
    """Whether `name` changed the metric's meaning since it was last approved, without signing."""
    names = (name, *history.user) if _among(name, history.user) else (name,)
    return any(_among(author, names) for author in unsigned_authors(history, metric_id))


def _among(name: str, names: tuple[str, ...]) -> bool:
    return any(each and same_person(name, each) for each in names)


def unsigned_changes(history: History) -> tuple[Issue, ...]:
    """Return what the working files mean otherwise than the last commit without saying by whom.

    An error where such a change was approved by its own author, else a warning; none where
    `changed_by` names git's user, and none for what only follows from a change of its inputs.
    """
    now, newest = history.catalog(WORKING), history.revisions.get(WORKING)
    if now is None or newest is None:
        return ()
    found = []
    for metric in now.metrics.values():
        before = dict(_meanings(history, newest.before, metric.id))
        signed = not any(same_person(by, metric.changed_by) for by in before.values())
        if now.hash_of(metric.id) in before or signed or _among(metric.changed_by, history.user):
            continue
        place = place_of(now, "metrics", metric.id, "changed_by")
        approval = now.approval_of(metric.id)
        if approval is not None and changed_unsigned(history, metric.id, approval.by):
            found.append(issue("approved_unsigned", place, metric=metric.id, by=approval.by))
        elif _edited(history, newest.before, metric.id):
            given = {"metric": metric.id, "by": metric.changed_by}
            found.append(issue("change_unsigned", place, (), "warning", **given))
    return tuple(found)


def _edited(history: History, revisions: tuple[str, ...], metric_id: str) -> bool:
    """Whether the metric's own lines or those of its tables mean something else than before."""
    known = (history.catalog(revision) for revision in (WORKING, *revisions))
    own = [_own(each, metric_id) for each in known if each and metric_id in each.metrics]
    return any(each != own[0] for each in own[1:])


def _own(catalog: Catalog, metric_id: str) -> tuple[Any, ...]:
    metric = catalog.metrics[metric_id]
    models = (catalog.models[name] for name in models_of(metric) if name in catalog.models)
    return own_meaning(metric), *(model_meaning(model, metric) for model in models)
