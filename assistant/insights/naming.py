"""Owns how the members and numbers of an answer are named in a sentence."""

from assistant.insights.story import Story
from executors.result import Cell
from prompts.render import render

MOST_NAMED = 4
"""So many members are named in a sentence; the others are counted."""


def first_of(story: Story, names: list[str]) -> str:
    """Return the first names; the others are counted."""
    named = story.listed(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return story.tell("and_more", members=named, count=more) if more > 0 else named


def dimensions_of(story: Story) -> str:
    """Return the dimensions that groups are made of, in words."""
    query = story.investigation.query
    names = [story.labels.dimension(item.name) for item in query.group_by if not item.grain]
    return render(story.labels.language, "narrative", "filter_and").join(names)


def cell_name(story: Story, row: tuple[Cell, ...]) -> str:
    """Return the group of a row by all its members: a cell of two dimensions is neither's total."""
    items = [item for item in story.investigation.query.group_by if not item.grain]
    names = [story.labels.member(item.name, row[story.table.index(item.column)]) for item in items]
    return render(story.labels.language, "narrative", "cell_joiner").join(names)


def format_share(share: Cell) -> str:
    """Return a share in percent."""
    return f"{share * 100:.1f}%" if isinstance(share, int | float) else "–"


def number_of(cell: Cell) -> float | None:
    """Return a cell as a number; None for anything else."""
    return float(cell) if isinstance(cell, int | float) else None
