"""What can be wrong with the ledger."""

from __future__ import annotations

from compliance.errors import GateError


class LedgerError(GateError):
    """The ledger cannot be read or written, or is not what was written (exit 3)."""
