"""Owns the tables of the state: answers, actions, outcomes, wishes, feedback."""

from sqlalchemy import (
    JSON,
    Column,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

answers = Table(
    "answers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("question", Text, nullable=False),
    Column("language", String(2), nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("asker", String(120), nullable=False),
    Column("content", JSON, nullable=False),
    Column("stored_at", String(32), nullable=False),
)

actions = Table(
    "actions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("answer_id", String(32), nullable=False),
    Column("playbook", String(120), nullable=False),
    Column("state", String(16), nullable=False),
    Column("owner", String(200), nullable=False),
    Column("due", String(10), nullable=False),
    Column("content", JSON, nullable=False),
    Column("stored_at", String(32), nullable=False),
    UniqueConstraint("answer_id", "playbook"),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("action_id", String(32), primary_key=True),
    Column("content", JSON, nullable=False),
    Column("stored_at", String(32), nullable=False),
)

wishes = Table(
    "wishes",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("question", Text, nullable=False),
    Column("language", String(2), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("missing", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("last_at", String(32), nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("answer_id", String(32), nullable=False),
    Column("liked", Integer, nullable=False),
    Column("reason", String(120), nullable=False),
    Column("comment", Text, nullable=False),
    Column("stored_at", String(32), nullable=False),
    Column("weight", Float, nullable=False, default=1.0),
)
