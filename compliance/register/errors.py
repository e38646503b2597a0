"""What can be wrong with an extract or with the register."""

from __future__ import annotations

from compliance.errors import GateError


class ExtractError(GateError):
    """A file that cannot be taken for an extract; nothing was imported (exit 3)."""


class RefusedExtractError(GateError):
    """An extract that may be read but must not be believed unless a person says so; nothing was imported (exit 3)."""


class RegisterError(GateError):
    """The gate's own register cannot be read or written (exit 3)."""
