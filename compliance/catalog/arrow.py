"""The eight relations as Arrow knows them."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from compliance.catalog.schema import Relation, Type

ARROW: Mapping[Type, pa.DataType] = {
    Type.TEXT: pa.string(),
    Type.INTEGER: pa.int64(),
    Type.SMALL: pa.int32(),
    Type.REAL: pa.float64(),
    Type.FLAG: pa.bool_(),
    Type.INSTANT: pa.timestamp("us"),
    Type.DAY: pa.date32(),
}


def arrow_schema(relation: Relation) -> pa.Schema:
    """The relation's columns as Arrow types."""
    return pa.schema([(column.name, ARROW[column.type]) for column in relation.columns])
