"""Owns approvals: who may bind an approval to a definition hash, and the file that keeps them."""

import datetime as dt
import json
import os
from pathlib import Path

from metric_catalog.catalog import Catalog
from metric_catalog.check import check
from metric_catalog.errors import CatalogError
from metric_catalog.issues import Issue, issue
from metric_catalog.model.governance import Approval, same_person
from metric_catalog.rules.places import place_of
from metric_catalog.yaml_files import read_yaml

SECTION = "approvals"
APPROVABLE = ("in_review", "published", "deprecated", "draft")


def approve(
    catalog: Catalog, metric_id: str, by: str, why: str, at: dt.date, unsigned: bool = False
) -> Approval:
    """Return the approval of the metric's present meaning by `by` on the day `at`.

    `unsigned`: `by` is known to have changed that meaning without a word in `changed_by`. Raises
    CatalogError: an unknown or retired metric, no name, no author of the change, the author
    approving an own change, the same approval again, or a definition with errors.
    """
    metric = catalog.metric(metric_id)
    place = place_of(catalog, "metrics", metric_id)
    name, author = by.strip(), metric.changed_by.strip()
    faults = [*_persons(metric_id, name, author, place)]
    if unsigned and not faults:
        faults.append(issue("approved_unsigned", f"{place}.changed_by", metric=metric_id, by=name))
    if metric.status not in APPROVABLE:
        faults.append(issue("approve_retired", place, metric=metric_id))
    current = catalog.approval_of(metric_id)
    if current is not None and current.by == name:
        faults.append(issue("approve_again", place, metric=metric_id, by=name))
    faults += [item for item in check(catalog) if _concerns(item, place)]
    if faults:
        raise CatalogError(tuple(faults))
    return Approval(
        metric=metric_id,
        version=metric.version,
        hash=catalog.hash_of(metric_id),
        by=name,
        at=at,
        why=why.strip(),
    )


def _persons(metric_id: str, name: str, author: str, place: str) -> list[Issue]:
    if not name:
        return [issue("approve_without_name", place, metric=metric_id)]
    if not author:
        return [issue("missing_changed_by", f"{place}.changed_by", metric=metric_id)]
    if same_person(name, author):
        return [issue("approved_by_author", f"{place}.changed_by", metric=metric_id, by=name)]
    return []


def _concerns(fault: Issue, place: str) -> bool:
    """Whether `fault` is an error of the definition at `place`, other than its author."""
    inside = fault.place == place or fault.place.startswith(f"{place}.")
    own = ("approved_by_author", "missing_changed_by")
    return inside and fault.severity == "error" and fault.code not in own


def write_approval(file: Path, approval: Approval) -> None:
    """Add one line for `approval` at the end of `file`, leaving the others as they stand.

    Raises CatalogError where the file does not end with its list of approvals, OSError.
    """
    before = file.read_text(encoding="utf-8") if file.exists() else f"{SECTION}:\n"
    start = before if before.endswith("\n") or not before else f"{before}\n"
    text = f"{start}  - {_line(approval)}\n"
    fresh = file.with_name(f".{file.name}.new")
    fresh.write_text(text, encoding="utf-8")
    if not _ends_with(fresh, approval):
        fresh.unlink()
        raise CatalogError((issue("approvals_file", file.name),))
    os.replace(fresh, file)


def _line(approval: Approval) -> str:
    fields = approval.model_dump(mode="json")
    written = (
        f"{key}: {fields[key] if key in ('version', 'at') else _quoted(fields[key])}"
        for key in ("metric", "version", "hash", "by", "at", "why")
    )
    return "{" + ", ".join(written) + "}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _ends_with(file: Path, approval: Approval) -> bool:
    try:
        content = read_yaml(file)
        return Approval.model_validate(content[SECTION][-1]) == approval
    except (KeyError, TypeError, IndexError, ValueError):
        return False
