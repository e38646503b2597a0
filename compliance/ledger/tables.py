"""The tables of the ledger. The migrations in `sql/ledger/versions` make the same; a test holds the two together."""

from __future__ import annotations

import sqlalchemy as sa

REVISION = "0001"
"""The newest migration."""

METADATA = sa.MetaData()

ENTRIES = sa.Table(
    "ledger_entries",
    METADATA,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)
"""The chain. seq counts from 1 without gaps; at is UTC, ISO 8601; body canonical JSON; previous the hash before."""

INTERVALS = sa.Table(
    "verdict_intervals",
    METADATA,
    sa.Column("title_id", sa.Text, primary_key=True),
    sa.Column("from_seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("until_seq", sa.BigInteger, nullable=True),
    sa.Column("verdict", sa.Text, nullable=True),
    sa.Index("verdict_intervals_by_run", "from_seq"),
)
"""A title's verdict from one run on, up to but without another (NULL: still). verdict is JSON; NULL: not judged."""

HEADS = sa.Table(
    "ledger_head",
    METADATA,
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("signature", sa.Text, nullable=False),
)
"""One row: the last entry of the chain, signed."""

ALEMBIC_VERSION = sa.Table("alembic_version", sa.MetaData(), sa.Column("version_num", sa.String(32), primary_key=True))
"""Kept by Alembic: the migration that the database has come to."""
