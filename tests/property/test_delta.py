"""A delta put onto the old list gives the new one, to the byte, whatever the lists."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.blocklist.delta import applied, delta, key_of

TITLE_IDS = st.text(st.characters(codec="utf-8"), max_size=6)
LISTS = st.dictionaries(TITLE_IDS, st.sampled_from(["block", "hold"]), max_size=12)
REASON = {"reason": "cured", "evidence": {"rules": []}}


def lines(entries: dict[str, str]) -> list[bytes]:
    return [
        json.dumps({"title_id": key, "decision": entries[key]}, ensure_ascii=False, separators=(",", ":")).encode()
        + b"\n"
        for key in sorted(entries)
    ]


@given(LISTS, LISTS)
def test_the_delta_gives_the_new_list(old: dict[str, str], new: dict[str, str]) -> None:
    changes = list(delta(lines(old), lines(new), lambda _: REASON))
    assert list(applied(lines(old), changes)) == lines(new)
    dropped = [json.loads(line)["title_id"] for line in changes if line.startswith(b'{"op":"drop"')]
    assert dropped == sorted(set(old) - set(new))


@given(LISTS)
def test_equal_lists_have_no_delta(entries: dict[str, str]) -> None:
    assert list(delta(lines(entries), lines(entries), lambda _: REASON)) == []


@given(LISTS, LISTS, LISTS)
def test_deltas_follow_each_other(first: dict[str, str], second: dict[str, str], third: dict[str, str]) -> None:
    one = delta(lines(first), lines(second), lambda _: REASON)
    two = delta(lines(second), lines(third), lambda _: REASON)
    assert list(applied(applied(lines(first), one), two)) == lines(third)


@pytest.mark.parametrize("line", [b"", b"{}\n", b'{"title_id":"t1"', b"nonsense\n"])
def test_what_is_no_line_of_a_list_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match="no line of a block list"):
        key_of(line)
