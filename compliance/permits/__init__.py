"""Permit numbers: patterns as data, folding, parsing, canonical form, issuers, name equality."""

from __future__ import annotations

from compliance.permits.folding import fold_issuer
from compliance.permits.issuers import (
    Issuer,
    contradicted,
    resolve_issuers,
    shipped_issuers,
    split_short_names,
    stated,
)
from compliance.permits.names import EDGE_MARKS, name_key, names_equal
from compliance.permits.parsing import (
    Permit,
    Reason,
    Unreadable,
    canonical,
    filing_systems,
    find,
    issued_rightly,
    parse,
    rank,
)

__all__ = [
    "EDGE_MARKS",
    "Issuer",
    "Permit",
    "Reason",
    "Unreadable",
    "canonical",
    "contradicted",
    "filing_systems",
    "find",
    "fold_issuer",
    "issued_rightly",
    "name_key",
    "names_equal",
    "parse",
    "rank",
    "resolve_issuers",
    "shipped_issuers",
    "split_short_names",
    "stated",
]
