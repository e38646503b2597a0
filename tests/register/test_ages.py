"""How old a register is: one that is dated in the future is not told to be fresh."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
import time_machine

from compliance import clock
from compliance.cli.config import Config
from compliance.cli.main import main
from compliance.register.ages import days_since
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


@pytest.mark.parametrize(("later", "days"), [(-8, 8), (0, 0), (1, 0), (2, None), (27_000, None)])
def test_a_day_to_come_tells_no_age(later: int, days: int | None) -> None:
    assert days_since(TODAY + timedelta(days=later), TODAY) == days


@pytest.mark.parametrize(
    ("later", "state", "days"), [(-8, "stale", 8), (0, "fresh", 0), (1, "fresh", 0), (2, "ahead", None)]
)
def test_an_extract_of_a_day_to_come_is_not_fresh(later: int, state: str, days: int | None, tmp_path: Path) -> None:
    store = sqlite(tmp_path)
    take(store, extract(tmp_path, row(1)))
    told = freshness(store, TODAY - timedelta(days=later), 7)[2]
    assert (told["state"], told["days"]) == (state, days)


def catalog(folder: Path, **updated: date) -> str:
    """A catalog whose register was updated on these days, by system."""
    rows = [{"system": system, "updated_at": datetime.combine(day, time())} for system, day in updated.items()]
    write_catalog(folder / "catalog", register=rows)
    return str(folder / "catalog")


def looked_at(folder: Path, as_of: date, **updated: date) -> Outcome:
    """What the job finds on a day."""
    config = Config(None, POLICY, catalog=catalog(folder, **updated))
    at = datetime.combine(as_of, time(8), clock.SHANGHAI)
    return work(Work(at, config, settings_of({}, folder), folder / "out", lambda _: None))


def test_the_job_tells_systems_that_are_dated_in_the_future(tmp_path: Path) -> None:
    nine = timedelta(days=9)
    outcome = looked_at(tmp_path, TODAY, key=TODAY, ordinary=TODAY - nine, other=TODAY + nine)
    assert (outcome.exit_code, outcome.ages) == (3, {"key": 0.0, "ordinary": 9.0})
    assert outcome.counts == {"stale_systems": 1, "systems_to_come": 1}
    assert ["dated in the future: other" in concern.says for concern in outcome.concerns] == [False, True]


def test_a_day_that_is_caught_up_finds_a_newer_register_fresh(tmp_path: Path) -> None:
    day = timedelta(days=1)
    outcome = looked_at(tmp_path, TODAY - 4 * day, key=TODAY, ordinary=TODAY - 5 * day, other=TODAY + day)
    assert (outcome.exit_code, outcome.concerns) == (0, ())
    assert outcome.ages == {"key": 0.0, "ordinary": 1.0, "other": 0.0}


@pytest.mark.parametrize(
    ("language", "says"), [("zh", "other：更新于 2026-12-02，在将来"), ("en", "other: updated on 2026-12-02")]
)
def test_doctor_warns_of_a_register_that_is_dated_in_the_future(
    language: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    there = catalog(tmp_path, other=date(2026, 12, 2))
    main(["doctor", "--catalog", there, "--out", "out", "--lang", language])
    assert says in "".join(capsys.readouterr().out.split("\n"))
