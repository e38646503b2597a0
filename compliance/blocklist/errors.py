"""What can be wrong with the block list in force."""

from __future__ import annotations

from compliance.errors import GateError


class BlockListError(GateError):
    """The block list cannot be published or read, or is not what was published (exit 3)."""
