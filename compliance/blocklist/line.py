"""The line of versions as the ledger tells it: what was proposed, what was published, what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from compliance.blocklist.errors import BlockListError
from compliance.errors import ConfigurationError
from compliance.language import worded
from compliance.ledger.store import Ledger, Writer

State = Literal["in_force", "superseded", "held", "passed_over"]
"""`passed_over`: never in force, and a later version was."""


class Line:
    """The versions of one ledger, each by its number."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def proposed(self) -> Mapping[int, dict[str, Any]]:
        """What was said of each version when it was proposed."""
        return {entry.said["version"]: entry.said for entry in self.ledger.entries("proposal")}

    def published(self) -> list[int]:
        """The versions that were put in force, in the order in which they were; the last one is in force."""
        return [entry.said["version"] for entry in self.ledger.entries("publication")]

    def known(self, number: int) -> dict[str, Any]:
        """What was said of a version when it was proposed. Raises ConfigurationError where there is none."""
        proposed = self.proposed()
        if number not in proposed:
            raise ConfigurationError(
                worded(f"没有第 {number} 版", f"there is no version {number}"),
                remedy=worded("`gate blocklist show` 列出各版本", "`gate blocklist show` names the versions"),
            )
        return proposed[number]

    def states(self) -> dict[int, State]:
        """Every version's state, by number."""
        published = self.published()
        last = max(published, default=0)
        states: dict[int, State] = {}
        for number in self.proposed():
            if number in published:
                states[number] = "in_force" if number == last else "superseded"
            else:
                states[number] = "held" if number > last else "passed_over"
        return states

    def next(self) -> int:
        """The number of the version to be proposed next."""
        return max(self.proposed(), default=0) + 1

    def refuse_taken(self, writer: Writer, number: int) -> None:
        """Another folder may publish into the same ledger: then the lock is another, and the ledger decides.

        Raises BlockListError where the number is taken.
        """
        if any(entry.said["version"] >= number for entry in writer.entries("proposal")):
            raise BlockListError(
                worded(
                    f"第 {number} 版已被同一台账的另一发布者占用",
                    f"version {number} was taken by another publisher of this ledger",
                ),
                remedy=worded(
                    "运行 gate blocklist publish；同一台账的发布者应共用一个 [blocklist] folder",
                    "run `gate blocklist publish`; publishers of one ledger should share one [blocklist] folder",
                ),
            )

    def held(self, number: int) -> dict[str, Any]:
        """What was said of a version that is held and may be approved. Raises ConfigurationError for any other."""
        said, published = self.known(number), self.published()
        if number in published:
            raise ConfigurationError(worded(f"第 {number} 版已经发布", f"version {number} was published already"))
        if published and published[-1] > number:
            raise ConfigurationError(
                worded(
                    f"第 {number} 版早于正在生效的第 {published[-1]} 版",
                    f"version {number} is older than version {published[-1]}, which is in force",
                ),
                remedy=worded(
                    "旧名单不能取代新名单；请发布最近一次审核的名单",
                    "an older list cannot take its place; publish the list of the last run",
                ),
            )
        return said
