"""Waivers: when one holds, when it does not, and who may grant it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from compliance import clock
from compliance.errors import ConfigurationError
from compliance.ledger.store import Ledger
from compliance.ledger.waivers import grant, revoke, waivers_in
from compliance.policy.settings import WaiverSettings
from compliance.verdicts.waivers import Case, Waiver, Waivers, refuse_unfit, seen

TODAY = date(2026, 11, 20)
SETTINGS = WaiverSettings(never=("permit-placeholder",), longest_days=90)
RULES = ("label-missing", "permit-placeholder")
WAIVER = Waiver(
    waiver_id="W1",
    scope="title",
    subject="t1",
    rule="label-missing",
    last_on=date(2026, 11, 30),
    reason="the label is being burned in again",
    ticket="OPS-7",
    requested_by="Li",
    approved_by="Wang",
    granted_on=TODAY,
    permit="N1",
    evidence=seen({"label_present": False}),
)
CASE = Case("t1", "fanqie", "某某影视有限公司", "label-missing", "N1", seen({"label_present": False}))


def held(waiver: Waiver, case: Case = CASE, as_of: date = TODAY) -> bool:
    return Waivers([waiver]).waiver_for(case, as_of) is not None


def test_a_waiver_takes_its_finding_out() -> None:
    assert held(WAIVER)


@pytest.mark.parametrize(
    "changed",
    [
        {"title_id": "t2"},
        {"rule": "label-stale"},
        {"permit": "N2"},
        {"permit": None},
        {"evidence": seen({"label_present": None})},
    ],
)
def test_another_title_rule_number_or_evidence_is_not_waived(changed: dict[str, str | None]) -> None:
    assert not held(WAIVER, replace(CASE, **changed))


def test_evidence_is_compared_by_what_it_says() -> None:
    assert seen({"a": 1, "b": date(2026, 1, 2)}) == seen({"b": "2026-01-02", "a": 1})


@pytest.mark.parametrize(
    ("scope", "subject", "expected"),
    [
        ("platform", "fanqie", True),
        ("platform", "hongguo", False),
        ("producer", "某某影视 有限公司", True),
        ("producer", "某影视有限公司", False),
    ],
)
def test_a_platforms_or_producers_waiver_is_for_all_its_titles(scope: str, subject: str, expected: bool) -> None:
    waiver = replace(WAIVER, scope=scope, subject=subject, permit=None, evidence=None)
    assert held(waiver, replace(CASE, title_id="t9", permit="N9")) is expected


def test_a_title_without_a_producer_is_no_producers() -> None:
    waiver = replace(WAIVER, scope="producer", subject="某某影视有限公司", permit=None, evidence=None)
    assert not held(waiver, replace(CASE, producer=None))


@pytest.mark.parametrize("mark", ["，", "——", "-"])
def test_marks_alone_are_no_producer_s_name(mark: str) -> None:
    """Catalogs write them where there is no producer: one waiver would be for all of these titles."""
    waiver = replace(WAIVER, scope="producer", subject="/", permit=None, evidence=None)
    assert not held(waiver, replace(CASE, producer=mark))
    with pytest.raises(ConfigurationError, match="is no name"):
        refuse_unfit(waiver, SETTINGS, RULES)


@pytest.mark.parametrize(("days", "holds"), [(-1, True), (0, True), (10, True), (11, False)])
def test_a_waiver_holds_up_to_its_last_day(days: int, holds: bool) -> None:
    """An audit of a day before it was granted is made while it stands; `gate history` tells what was decided then."""
    as_of = TODAY + timedelta(days=days)
    assert held(WAIVER, as_of=as_of) is holds
    assert bool(Waivers([WAIVER]).in_force(as_of)) is holds


def test_a_waiver_of_a_rule_that_may_not_be_waived_is_not_honoured() -> None:
    forbidden = replace(WAIVER, waiver_id="W2", rule="permit-placeholder")
    both = Waivers([WAIVER, forbidden])
    assert both.honoured(SETTINGS).all == (WAIVER,)
    assert both.honoured(WaiverSettings(never=())).all == both.all


def test_of_several_waivers_the_one_that_holds_longest_is_named() -> None:
    longer = replace(WAIVER, waiver_id="W2", last_on=date(2026, 12, 5))
    found = Waivers([longer, WAIVER]).waiver_for(CASE, TODAY)
    assert found == longer


@pytest.mark.parametrize(
    ("instant", "day", "holds", "days_left"),
    [
        (datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC), date(2026, 11, 30), True, 1),
        (datetime(2026, 11, 30, 16, 0, 0, tzinfo=UTC), date(2026, 12, 1), False, 0),
        (datetime(2026, 11, 29, 16, 0, 0, tzinfo=UTC), date(2026, 11, 30), True, 1),
        (datetime(2026, 11, 29, 15, 59, 59, tzinfo=UTC), date(2026, 11, 29), True, 2),
    ],
)
def test_the_last_day_ends_at_midnight_in_shanghai_wherever_the_server_is(
    instant: datetime, day: date, holds: bool, days_left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    with time_machine.travel(instant, tick=False):
        assert clock.today() == day
        assert held(WAIVER, as_of=clock.today()) is holds
        assert WAIVER.days_left(clock.today()) == days_left


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"approved_by": "LI "}, "cannot approve"),
        ({"approved_by": "Ｌｉ"}, "cannot approve"),
        ({"approved_by": "L\u200bi"}, "cannot approve"),
        ({"requested_by": "張三", "approved_by": "张 三"}, "cannot approve"),
        ({"approved_by": "\u200b"}, "approved_by is empty"),
        ({"ticket": " "}, "ticket is empty"),
        ({"reason": ""}, "reason is empty"),
        ({"rule": "no-such-rule"}, "there is no rule"),
        ({"rule": "permit-placeholder"}, "cannot be waived"),
        ({"last_on": TODAY - timedelta(days=1)}, "is over"),
        ({"last_on": TODAY + timedelta(days=90)}, "91 days"),
    ],
)
def test_an_unfit_waiver_is_refused(changed: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        refuse_unfit(replace(WAIVER, **changed), SETTINGS, RULES)


@pytest.mark.parametrize("days", [1, 90])
def test_the_first_and_the_longest_length_are_granted(days: int) -> None:
    refuse_unfit(replace(WAIVER, last_on=TODAY + timedelta(days=days - 1)), SETTINGS, RULES)


def test_waivers_are_kept_in_the_ledger(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    granted = grant(ledger, replace(WAIVER, waiver_id=""), SETTINGS, RULES)
    assert granted == WAIVER
    assert waivers_in(ledger).all == (WAIVER,)
    assert grant(ledger, WAIVER, SETTINGS, RULES).waiver_id == "W2"


def test_a_revoked_waiver_holds_no_more_but_stays_known(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    grant(ledger, WAIVER, SETTINGS, RULES)
    revoke(ledger, "W1", by="Zhao", reason="found out", on=TODAY)
    assert waivers_in(ledger).waiver_for(CASE, TODAY) is None
    assert [waiver.state(TODAY) for waiver in waivers_in(ledger).all] == ["revoked"]
    with pytest.raises(ConfigurationError, match="was revoked on"):
        revoke(ledger, "W1", by="Zhao", reason="again", on=TODAY)
    with pytest.raises(ConfigurationError, match="no waiver W9"):
        revoke(ledger, "W9", by="Zhao", reason="never granted", on=TODAY)
