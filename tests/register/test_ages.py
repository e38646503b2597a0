"""How old a register is: one that is dated in the future is not told to be fresh."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from compliance import clock
from compliance.cli.config import Config
from compliance.cli.main import main
from compliance.errors import CatalogError
from compliance.register.ages import ages
from compliance.register.held import freshness
from jobs.clockwork.model import Outcome, Work
from jobs.register_freshness import work
from jobs.settings import settings_of
from tests.catalogs import write_catalog
from tests.register.extracts import NOW, POLICY, extract, row, sqlite, take

TODAY = NOW.date()


@pytest.fixture(autouse=True)
def that_day() -> Iterator[None]:
    """It is that day."""
    with time_machine.travel(NOW.replace(tzinfo=clock.SHANGHAI)):
        yield


@pytest.mark.parametrize(
    ("later", "days", "state"),
    [(-8, 8, "stale"), (-7, 7, "fresh"), (0, 0, "fresh"), (1, 0, "fresh"), (2, None, "ahead"), (27_000, None, "ahead")],
)
def test_a_day_to_come_tells_no_age(later: int, days: int | None, state: str) -> None:
    key, ordinary, other = ages({"key": TODAY + timedelta(days=later)}, TODAY, 7)
    assert (key.system, key.days, key.state) == ("key", days, state)
    assert (ordinary.state, other.state) == ("absent", "absent")


@pytest.mark.parametrize(
    ("later", "state", "days"), [(-8, "stale", 8), (0, "fresh", 0), (1, "fresh", 0), (2, "ahead", None)]
)
def test_an_extract_of_a_day_to_come_is_not_fresh(later: int, state: str, days: int | None, tmp_path: Path) -> None:
    store = sqlite(tmp_path)
    take(store, extract(tmp_path, row(1)))
    told = freshness(store, TODAY - timedelta(days=later), 7)[2]
    assert (told["state"], told["days"]) == (state, days)


def updated_on(**updated: date) -> list[dict[str, Any]]:
    """A register that was updated on these days, by system."""
    return [{"system": system, "updated_at": datetime.combine(day, time())} for system, day in updated.items()]


def looked_at(folder: Path, as_of: date, *rows: dict[str, Any]) -> Outcome:
    """What the job finds on a day in a catalog with such a register."""
    catalog = write_catalog(folder / "catalog", register=rows)
    config = Config(None, POLICY, catalog=str(catalog))
    at = datetime.combine(as_of, time(8), clock.SHANGHAI)
    return work(Work(at, config, settings_of({}, folder), folder / "out", lambda _: None))


def test_the_job_tells_systems_that_are_dated_in_the_future(tmp_path: Path) -> None:
    nine = timedelta(days=9)
    outcome = looked_at(tmp_path, TODAY, *updated_on(key=TODAY, ordinary=TODAY - nine, other=TODAY + nine))
    assert (outcome.exit_code, outcome.ages) == (3, {"key": 0, "ordinary": 9, "other": None})
    assert outcome.counts == {"stale_systems": 2, "systems_to_come": 1}
    assert ["dated in the future: other" in concern.says for concern in outcome.concerns] == [False, True]


def test_a_day_that_is_caught_up_finds_a_newer_register_fresh(tmp_path: Path) -> None:
    day = timedelta(days=1)
    rows = updated_on(key=TODAY, ordinary=TODAY - 5 * day, other=TODAY - day)
    outcome = looked_at(tmp_path, TODAY - 4 * day, *rows)
    assert (outcome.exit_code, outcome.concerns) == (0, ())
    assert outcome.ages == {"key": 0, "ordinary": 1, "other": 0}


@pytest.mark.parametrize(("later", "told"), [(1, []), (400, ["1 row(s) of the register are dated in the future"])])
def test_rows_to_come_tell_no_age_but_are_told(later: int, told: list[str], tmp_path: Path) -> None:
    """But for one of tomorrow: it may be of today in another zone."""
    rows = updated_on(key=TODAY, ordinary=TODAY, other=TODAY - timedelta(days=3))
    outcome = looked_at(tmp_path, TODAY, *rows, *updated_on(other=TODAY + timedelta(days=later)))
    assert outcome.ages == {"key": 0, "ordinary": 0, "other": 3}
    assert (outcome.exit_code, outcome.counts["systems_to_come"]) == ((3, 1) if told else (0, 0))
    assert [concern.says.partition(" and ")[0] for concern in outcome.concerns] == told


BAD = [
    pytest.param({"updated_at": None}, id="no time"),
    pytest.param({"updated_at": datetime(2600, 1, 1, 0, 0)}, id="a year that no row can have"),  # noqa: DTZ001 - wall time
]


@pytest.mark.parametrize("bad", BAD)
def test_a_row_that_breaks_the_contract_counts_for_the_job_no_more_than_for_an_audit(
    bad: dict[str, Any], tmp_path: Path
) -> None:
    rows = updated_on(key=TODAY, ordinary=TODAY, other=TODAY)
    assert looked_at(tmp_path, TODAY, *rows, {"system": "other", **bad}).exit_code == 0
    outcome = looked_at(tmp_path, TODAY, *rows[:2], {"system": "other", **bad})
    assert (outcome.exit_code, outcome.ages) == (3, {"key": 0, "ordinary": 0, "other": None})
    assert [concern.says for concern in outcome.concerns] == [
        "the register is stale, its rules are unknown: other: no rows"
    ]


def test_a_catalog_without_a_register_has_no_rows_of_any_system(tmp_path: Path) -> None:
    outcome = looked_at(tmp_path, TODAY)
    assert (outcome.exit_code, outcome.counts) == (3, {"stale_systems": 3, "systems_to_come": 0})


def test_a_register_that_no_audit_could_read_ends_the_job(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="breaks the contract") as told:
        looked_at(tmp_path, TODAY, {"system": "a word of its own"})
    assert "register.system" in told.value.problems[0]


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("zh", ["other：更新于 2026-12-02，在将来", "key：1 行的日期在将来"]),
        ("en", ["other: updated on 2026-12-02", "key: 1 row(s) dated in the future", "key: updated 2 days ago"]),
    ],
)
def test_doctor_warns_of_a_register_that_is_dated_in_the_future(
    language: str, says: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = updated_on(other=date(2026, 12, 2), key=date(2026, 11, 21)) + updated_on(key=date(2027, 1, 1))
    there = write_catalog(tmp_path / "catalog", register=rows)
    main(["doctor", "--catalog", str(there), "--out", "out", "--lang", language])
    told = "".join(capsys.readouterr().out.split("\n"))
    assert [text for text in says if text not in told] == []
