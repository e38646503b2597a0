"""Own numbers: the next serial, one a title, whoever asks and however many ask at once."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa

from compliance.register.serials import Due, assign_numbers
from compliance.register.store import Store
from compliance.register.tables import ASSIGNED
from tests.conftest import Maker
from tests.register.extracts import NOW, number, sqlite

HOST = """
import sys
import time
from datetime import datetime
from compliance.register.serials import Due, assign_numbers
from compliance.register.store import Store

url, host, count, batch = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
print("ready", flush=True)
sys.stdin.readline()
for start in range(0, count, batch):
    due = [Due(f"{host}-{n}", "fanqie", "番茄") for n in range(start, min(start + batch, count))]
    assign_numbers(Store(url), due, year=2026, now=datetime(2026, 11, 23))
    time.sleep(0.01)  # a host has other work between two batches: the other one gets its turn
"""


def serials(store: Store) -> list[int]:
    with store.reading() as connection:
        assert connection is not None
        return list(connection.scalars(sa.select(ASSIGNED.c.serial).order_by(ASSIGNED.c.serial)))


def due(*titles: str, issuer: str = "番茄") -> list[Due]:
    return [Due(title, "fanqie", issuer) for title in titles]


def test_serials_follow_each_other_and_a_title_keeps_its_own(tmp_path: Path) -> None:
    store = sqlite(tmp_path)
    first = assign_numbers(store, due("a", "b"), year=2026, now=NOW)
    again = assign_numbers(store, due("b", "c", "c"), year=2026, now=NOW)

    assert [(one.title_id, one.number, one.new) for one in (*first, *again)] == [
        ("a", number(1), True),
        ("b", number(2), True),
        ("b", number(2), False),
        ("c", number(3), True),
        ("c", number(3), False),
    ]


def test_issuers_and_years_count_apart(tmp_path: Path) -> None:
    store = sqlite(tmp_path)
    assign_numbers(store, due("a"), year=2026, now=NOW)
    other = assign_numbers(store, due("b", issuer="七猫"), year=2026, now=NOW)
    later = assign_numbers(store, due("c"), year=2027, now=NOW)

    assert [one.number for one in (*other, *later)] == [number(1, "七猫"), "（番茄）网微剧备字（2027）第1号"]


def test_serials_in_use_elsewhere_are_passed_over(tmp_path: Path) -> None:
    store = sqlite(tmp_path)
    one = assign_numbers(store, due("a"), year=2026, now=NOW, taken={"番茄": 1177})
    two = assign_numbers(store, due("b"), year=2026, now=NOW, taken={"番茄": 3})

    assert [one[0].number, two[0].number] == [number(1178), number(1179)]


def test_a_failed_assignment_leaves_no_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from compliance.register import serials as module

    store = sqlite(tmp_path)
    assign_numbers(store, due("a"), year=2026, now=NOW)

    def fall(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module, "_move", fall)
        with pytest.raises(KeyboardInterrupt):
            assign_numbers(store, due("b", "c"), year=2026, now=NOW)
    assert assign_numbers(store, due("d"), year=2026, now=NOW)[0].number == number(2)
    assert serials(store) == [1, 2]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_two_hosts_number_10_000_titles_at_once(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if database == "sqlite":
        store = sqlite(tmp_path)
    else:
        maker: Maker = request.getfixturevalue("postgresql")
        store = Store(maker())
    url = store.url.render_as_string(hide_password=False)
    hosts = [
        subprocess.Popen(
            [sys.executable, "-c", HOST, url, host, "5000", batch], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for host, batch in (("one", "150"), ("two", "70"))
    ]
    for host in hosts:
        assert host.stdout is not None
        assert host.stdout.readline() == b"ready\n"
    for host in hosts:
        assert host.stdin is not None
        host.stdin.write(b"\n")
        host.stdin.close()
    assert [host.wait(120) for host in hosts] == [0, 0]

    assert serials(store) == list(range(1, 10_001))
    with store.reading() as connection:
        assert connection is not None
        in_order = list(connection.scalars(sa.select(ASSIGNED.c.title_id).order_by(ASSIGNED.c.serial)))
    turns = sum(one[:3] != other[:3] for one, other in pairwise(in_order))
    assert turns > 1, "the hosts did not write at the same time"
