"""The keys of the block list's repository: one for the root, two live ones for everything else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner

from compliance.blocklist.errors import BlockListError
from compliance.files import write_durably
from compliance.language import worded

LIVE = 2
"""Keys that may sign at a time: while one is brought in, the one before it still counts."""


class Keys:
    """Numbered keys in a folder: `root-1.key`, `online-1.key`, `online-2.key` and so on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def exist(self) -> bool:
        """Whether the repository has keys already."""
        return bool(self._numbers("root"))

    def create(self) -> None:
        """Make the first keys."""
        for name in ("online", "online", "root"):  # the root last: with it the set is complete
            self.add(name)

    def add(self, name: str) -> CryptoSigner:
        """Make one more key; it signs once a root names it."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        signer = CryptoSigner.generate_ed25519()
        number = max(self._numbers(name), default=0) + 1
        write_durably(self.folder / f"{name}-{number}.key", signer.private_bytes, mode=0o600)
        return signer

    def roots(self) -> list[CryptoSigner]:
        """The root's keys that are here, the newest first."""
        return self._live("root", len(self._numbers("root")))

    def online(self) -> list[CryptoSigner]:
        """The live keys of targets, snapshot and timestamp, the newest first."""
        return self._live("online", LIVE)

    def each_online(self) -> Iterator[CryptoSigner]:
        """All keys there are of targets, snapshot and timestamp, the newest first; a root need not name them (yet)."""
        for number in reversed(self._there("online")):
            yield self._read("online", number)

    def _live(self, name: str, count: int) -> list[CryptoSigner]:
        return [self._read(name, number) for number in reversed(self._there(name)[-count:])]

    def _there(self, name: str) -> list[int]:
        numbers = self._numbers(name)
        if not numbers:
            raise BlockListError(
                worded(
                    f"缺少密钥 {self.folder / f'{name}-*.key'}", f"the key {self.folder / f'{name}-*.key'} is missing"
                ),
                remedy=worded(
                    "从备份放回密钥：读者不信任别的", "put the keys back from your backup: readers trust no others"
                ),
            )
        return numbers

    def _read(self, name: str, number: int) -> CryptoSigner:
        path = self.folder / f"{name}-{number}.key"
        try:
            return CryptoSigner(load_pem_private_key(path.read_bytes(), password=None))
        except (OSError, ValueError) as error:
            raise BlockListError(
                worded(f"密钥 {path} 无法读取：{error}", f"the key {path} cannot be read: {error}")
            ) from error

    def _numbers(self, name: str) -> list[int]:
        number: Callable[[Path], re.Match[str] | None] = lambda path: re.fullmatch(rf"{name}-(\d+)\.key", path.name)  # noqa: E731
        found = [number(path) for path in self.folder.glob(f"{name}-*.key")]
        return sorted(int(match[1]) for match in found if match)
