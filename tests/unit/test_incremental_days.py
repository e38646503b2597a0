"""What another as-of day means: to the rules, and to drafts without a date, whose online day it is."""

from __future__ import annotations

from datetime import date

import pytest

from compliance.engines.duck.steps import read_steps
from compliance.engines.incremental import days
from compliance.policy import load_policy
from compliance.rules.loading import load_rules
from compliance.rules.under_policy import parameter_values


def test_where_the_facts_ask_for_the_day() -> None:
    """A new step that asks for the day may touch titles that `carrying` does not know of: think of them there."""
    asking = {step.relation for step in read_steps() if ":as_of" in step.select}
    assert asking == {"judged", "active_placements", "judged_in_law"}


def test_where_the_facts_ask_for_the_online_day() -> None:
    """A draft's online day is the as-of day: what a new step makes of it, `days.undated_alike` has to know."""
    asking = {step.relation for step in read_steps() if "online_on" in step.select}
    passed_on = {"judged", "microdramas", "numbered_titles", "label_exceptions", "exception_labels", "facts"}
    compared = {"register_exceptions", "unlike_labels", "label_facts", "judged_in_law", "titles_in_law"}
    assert asking == passed_on | compared


@pytest.mark.parametrize(
    ("before", "now", "alike"),
    [
        (date(2026, 11, 20), date(2026, 11, 21), True),
        (date(2026, 11, 21), date(2026, 11, 20), True),
        (date(2026, 8, 31), date(2026, 9, 1), False),  # a regime begins
        (date(2026, 9, 1), date(2026, 8, 31), False),
        (date(2024, 5, 31), date(2024, 6, 1), False),  # titles from here on need a document
        (date(2026, 9, 1), date(2026, 12, 30), True),
    ],
)
def test_days_that_mean_the_same_for_a_draft(before: date, now: date, alike: bool) -> None:
    assert days.undated_alike(load_policy(), load_rules(), before, now) is alike


def test_a_day_that_a_setting_names_is_no_ordinary_one_for_a_draft() -> None:
    policy = load_policy()
    later = policy.settings["label_title_from"].model_copy(update={"value": date(2026, 11, 21)})
    moved = policy.model_copy(update={"settings": {**policy.settings, "label_title_from": later}})
    nights = (date(2026, 11, 20), date(2026, 11, 21))
    assert days.undated_alike(policy, load_rules(), *nights)
    assert not days.undated_alike(moved, load_rules(), *nights)


@pytest.mark.parametrize(
    ("before", "now", "unlike"),
    [
        (date(2026, 11, 20), date(2026, 11, 21), []),
        (date(2026, 8, 31), date(2026, 9, 1), ["ai-notice-missing"]),
        (date(2026, 12, 31), date(2027, 1, 1), ["permit-year-implausible"]),
        (date(2024, 6, 30), date(2024, 7, 1), ["legacy-unfiled"]),
    ],
)
def test_days_that_the_rules_tell_apart(before: date, now: date, unlike: list[str]) -> None:
    policy = load_policy()
    found = days.rules_of_the_day(load_rules(), parameter_values(policy, before), parameter_values(policy, now))
    assert list(found) == unlike
