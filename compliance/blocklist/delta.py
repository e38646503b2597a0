"""What has changed between two lists, and the new list from the old one and the change. Lines of JSON, sorted.

A list has one line an entry, in the order of title_id by code point, each line beginning with its title_id. The lines
of a delta say `{"op":"put","row":…}` with the new line itself, or `{"op":"drop","title_id":…,"reason":…,"evidence":…}`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

START = b'{"title_id":"'
_PUT, _END = b'{"op":"put","row":', b"}\n"
Tombstone = Callable[[str], dict[str, Any]]
"""reason and evidence of a title's removal."""


def key_of(line: bytes) -> bytes:
    """The title_id of a list's line, in UTF-8. Raises ValueError for what is no such line."""
    if not line.startswith(START) or not line.endswith(b"}\n"):
        raise ValueError(f"no line of a block list: {line[:60]!r}")
    end = line.index(b'"', len(START))
    if b"\\" not in line[len(START) : end]:
        return line[len(START) : end]
    title_id: str = json.loads(line)["title_id"]
    return title_id.encode("utf-8", "surrogatepass")


def delta(old: Iterable[bytes], new: Iterable[bytes], tombstone: Tombstone) -> Iterator[bytes]:
    """The lines that make the new list of the old one."""
    for key, before, after in _beside(old, new):
        if after is None:
            title_id = key.decode()
            dropped = {"op": "drop", "title_id": title_id, **tombstone(title_id)}
            yield json.dumps(dropped, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        elif before != after:
            yield _PUT + after[:-1] + _END


def applied(old: Iterable[bytes], changes: Iterable[bytes]) -> Iterator[bytes]:
    """The new list's lines. Raises ValueError for lines that are no delta; whether it is the right one a hash tells."""
    for _, before, change in _beside(old, changes, _changed_key):
        if change is None:
            if before is not None:
                yield before
        elif change.startswith(_PUT):
            yield change[len(_PUT) : -len(_END)] + b"\n"


def _changed_key(line: bytes) -> bytes:
    if line.startswith(_PUT):
        return key_of(line[len(_PUT) : -len(_END)] + b"\n")
    said = json.loads(line)
    if said.get("op") != "drop":
        raise ValueError(f"no line of a delta: {line[:60]!r}")
    return str(said["title_id"]).encode("utf-8", "surrogatepass")


def _beside(
    old: Iterable[bytes], new: Iterable[bytes], key_of_new: Callable[[bytes], bytes] = key_of
) -> Iterator[tuple[bytes, bytes | None, bytes | None]]:
    """Key, old line and new line of every key, in order; None where the one or the other has no such key."""
    left, right = iter(old), iter(new)
    before, after = next(left, None), next(right, None)
    a = key_of(before) if before is not None else None
    b = key_of_new(after) if after is not None else None
    while a is not None or b is not None:
        if a is not None and (b is None or a < b):
            yield a, before, None
            a, before = _following(left, key_of)
        elif b is not None and (a is None or b < a):
            yield b, None, after
            b, after = _following(right, key_of_new)
        elif a is not None:
            yield a, before, after
            a, before = _following(left, key_of)
            b, after = _following(right, key_of_new)


def _following(lines: Iterator[bytes], key: Callable[[bytes], bytes]) -> tuple[bytes | None, bytes | None]:
    line = next(lines, None)
    return (None, None) if line is None else (key(line), line)
