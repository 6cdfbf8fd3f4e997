"""What the tables share: the metadata with its naming rule, and the columns and constraints that return in every kind."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, MetaData, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as PG_UUID

NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}
"""Every constraint has a name that follows from its table, so a migration and an error message can say which one."""

METADATA = MetaData(naming_convention=NAMES)

Uuid = PG_UUID(as_uuid=True)
Moment = DateTime(timezone=True)


def moment(name: str, *, is_set: bool = False) -> Column[Any]:
    """A time; with ``is_set`` it is never null and starts at the insert's."""
    return Column(name, Moment, nullable=not is_set, server_default=text("now()") if is_set else None)


def open_object(name: str) -> Column[Any]:
    """An open JSON object, ``{}`` where nothing is said."""
    return Column(name, JSONB, nullable=False, server_default=text("'{}'::jsonb"))


def texts(name: str) -> Column[Any]:
    """A list of short texts (addresses, paths), empty where nothing is said."""
    return Column(name, ARRAY(Text), nullable=False, server_default=text("'{}'"))


def uuids(name: str) -> Column[Any]:
    return Column(name, ARRAY(Uuid), nullable=False, server_default=text("'{}'"))


def person(name: str, *, is_needed: bool = False) -> Column[Any]:
    """Somebody in ``users``. No cascade: people are not deleted as rows. Deferrable: a stub may arrive in the same transaction."""
    return Column(name, Uuid, ForeignKey("users.id", deferrable=True, initially="IMMEDIATE"), nullable=not is_needed)


def one_of(column: str, words: Iterable[str]) -> CheckConstraint:
    """A closed enumeration: the column holds one of ``words`` (or nothing, where it may be null)."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_is_known")


def between(column: str, low: int, high: int) -> CheckConstraint:
    return CheckConstraint(f"{column} >= {low} AND {column} <= {high}", name=f"{column}_in_range")


def not_negative(column: str) -> CheckConstraint:
    return CheckConstraint(f"{column} >= 0", name=f"{column}_not_negative")
