"""Errors that a person can act on, each with the exit code of the contract (section 3)."""

from __future__ import annotations

from collections.abc import Sequence

from compliance.language import Message

EXIT_CLEAR = 0
EXIT_FOUND = 1
EXIT_USAGE = 2
EXIT_INCOMPLETE = 3
EXIT_HELD = 4

DEFECT = Message("这是程序的缺陷，与片库无关：请报告", "this is a defect of the program, not of the catalog: report it")
"""What to do where the program contradicts itself."""


class GateError(Exception):
    """Something a user must know: what is wrong, where, how many, and what to do.

    Several problems of one kind travel in one error, so that they are all seen at once.
    """

    exit_code = EXIT_INCOMPLETE

    def __init__(self, message: str, *, remedy: str = "", problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.problems = tuple(problems)

    def __str__(self) -> str:
        lines = [self.message, *(f"  - {problem}" for problem in self.problems)]
        if self.remedy:
            lines.append(f"  → {self.remedy}")
        return "\n".join(lines)


class ConfigurationError(GateError):
    """Wrong usage, settings, policy, rule or mapping (exit 2)."""

    exit_code = EXIT_USAGE


class CatalogError(GateError):
    """The catalog cannot be judged: it breaks the contract as a whole, or cannot be read (exit 3)."""


class RunInvalidError(GateError):
    """The run contradicts itself (a canary, a count); nothing of it may be published (exit 3)."""
