"""Owns the exceptions of the catalog: definitions and queries that are wrong."""

from metric_catalog.issues import Issue


class CatalogError(Exception):
    """A definition or a query is wrong; carries every `Issue` at once, never just the first."""

    def __init__(self, issues: tuple[Issue, ...]) -> None:
        self.issues = issues
        super().__init__("; ".join(f"{issue.code} {dict(issue.arguments)}" for issue in issues))


class UnsupportedQuery(CatalogError):
    """The query is well formed, but this compiler cannot answer it yet: a typed refusal."""
