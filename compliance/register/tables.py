"""The register's tables in the gate's own database; the ledger's are apart, with migrations of their own."""

from __future__ import annotations

import sqlalchemy as sa

REVISION = 1
"""What the tables below look like; a database of another revision is refused."""

METADATA = sa.MetaData()

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")

SCHEMA = sa.Table("register_schema", METADATA, sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False))

IMPORTS = sa.Table(
    "register_imports",
    METADATA,
    sa.Column("import_id", _ID, primary_key=True),
    sa.Column("imported_at", sa.Text, nullable=False),
    sa.Column("files", sa.Text, nullable=False),
    sa.Column("counts", sa.Text, nullable=False),
    sa.Column("accepted", sa.Text, nullable=False),
)
"""Every import: when (UTC, ISO 8601), files and counts as JSON, and which guards a person has overruled."""

SYSTEMS = sa.Table(
    "register_systems",
    METADATA,
    sa.Column("system", sa.Text, primary_key=True),
    sa.Column("import_id", _ID, nullable=False),
    sa.Column("extracted_at", sa.Text, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
)
"""Each filing system's register as it stands: the import that made it, the instant of that extract (wall time)."""

PARTS = sa.Table(
    "register_parts",
    METADATA,
    sa.Column("system", sa.Text, primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
"""The rows of a system's register, as Parquet files of bounded size (columns: compliance.register.landing.HELD)."""

CHANGES = sa.Table(
    "register_changes",
    METADATA,
    sa.Column("change_id", _ID, primary_key=True),
    sa.Column("import_id", _ID, nullable=False),
    sa.Column("changed_on", sa.Text, nullable=False),
    sa.Column("system", sa.Text, nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("title_name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("before", sa.Text, nullable=True),
    sa.Column("after", sa.Text, nullable=True),
    sa.Index("register_changes_by_number", "number"),
)
"""What changed in a row, dated by the extract that showed it; kind: `updated`, `ended` or `returned`."""

SERIALS = sa.Table(
    "platform_serials",
    METADATA,
    sa.Column("issuer", sa.Text, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last", sa.BigInteger, nullable=False),
)
"""The last serial given to a title by a platform in a year: the row that hosts queue at."""

ASSIGNED = sa.Table(
    "assigned_numbers",
    METADATA,
    sa.Column("issuer", sa.Text, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("serial", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("platform", sa.Text, nullable=False),
    sa.Column("title_id", sa.Text, nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("assigned_at", sa.Text, nullable=False),
    sa.Column("assigned_by", sa.Text, nullable=False),
    sa.UniqueConstraint("platform", "title_id"),
)
"""Numbers that the platform has given, one a title, never taken back."""
