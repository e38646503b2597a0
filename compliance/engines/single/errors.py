"""What is wrong with a state."""

from __future__ import annotations

from pathlib import Path

from compliance.errors import GateError
from compliance.language import Message, worded

AGAIN = Message("重新运行 gate audit，会写出新的状态", "run `gate audit` again: it writes a new state")


class StateError(GateError):
    """There is no state, or it cannot be read: nothing can be decided by it (exit 3)."""


def damaged(place: Path, what: object) -> StateError:
    """A state, or a file of one, that is not what an audit wrote."""
    return StateError(worded(f"状态 {place} 已损坏：{what}", f"the state {place} is damaged: {what}"), remedy=AGAIN())
