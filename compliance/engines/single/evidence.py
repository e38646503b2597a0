"""What one title's facts are gathered from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from compliance.permits import Issuer

Row = Mapping[str, Any]
"""One row of a relation by column: Python values of the schema's types, wall time in Asia/Shanghai, None for null."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that bears on one title's verdict, and nothing more."""

    platform: Row
    """The title's row of `platforms`."""
    issuers: Mapping[str, Issuer]
    """Every known issuer by its folded short name, as `compliance.permits.resolve_issuers` gives them."""
    register: Sequence[Row]
    """The register rows whose canonical number is the title's."""
    namesakes: Sequence[str]
    """The names of the other micro-dramas, offline ones left out, that carry the same canonical number."""
    extracts: Mapping[str, date]
    """The newest day of each filing system's register rows (`compliance.engines.freshness`), where it has one."""
    labels: Sequence[Row]
    """The title's rows of `labels`."""
    episodes: Sequence[Row]
    """The title's rows of `episodes`."""
    placements: Sequence[Row]
    """The title's rows of `placements`."""
