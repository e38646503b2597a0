"""Whatever is wrong in a platform's own policy is told in plain words, by file and line, and never as a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from compliance.errors import ConfigurationError
from compliance.language import choose
from compliance.policy import load_policy

REGIME = """\
id = "one"
title = {zh = "一", en = "one"}
source = "s"
confidence = "H"
special_subjects = true
promotion = false
voluntary_tiers = []
episode_bound_s = 1200
"""
PERIOD = """\
[[regimes.periods]]
forms = ["live_action", "ai", "animation"]
from = 2024-01-01
tier_1_from_yuan = %s
confidence = "H"
"""


def mistakes(folder: Path, text: str) -> tuple[str, ...]:
    """What loading a policy of that text complains about, each as `LINE: PLACE: WORDS`."""
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_policy(path)
    assert str(path) in caught.value.message
    assert caught.value.remedy
    return tuple(problem.removeprefix(f"{path}:") for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("settings = 3", "1: settings: is 3, not a table"),
        ("[[settings]]", "1: settings: is a list of tables ([[…]]), not a table"),
        ("guard = 1", "1: guard: is 1, not a table"),
        ("[[guard]]\non = true", "1: guard: is a list of tables ([[…]]), not a table"),
        ('waivers = "x"', "1: waivers: is a text in quotes, not a table"),
        ("rules = 2024-01-01", "1: rules: is 2024-01-01, not a table"),
        ("actions = [1]", "1: actions: is a list, not a table"),
        ('[actions]\nlabel-stale = "warn"', "2: actions.label-stale: is a text in quotes, not a table"),
        ("regimes = {}", "1: regimes: is a table, not a list"),
        ("regimes = []", "1: regimes: is empty"),
        ('special_subjects = "公安"', "1: special_subjects: is a text in quotes, not a list"),
        ("placeholders = [1]", "1: placeholders.0: is 1, not a text in quotes"),
        ("revision = 1", "1: revision: is 1, not a text in quotes"),
        ("[guard]\non = 1", "2: guard.on: is 1, not true or false"),
        ("[guard]\nleast_count = 0.5", "2: guard.least_count: is 0.5, not a whole number"),
        ("[guard]\nadded = true", "2: guard.added: is true, not a number"),
        (
            '[settings]\nlegacy_deadline = "2024"',
            "2: settings.legacy_deadline.value: is a text in quotes, not a day without quotes, such as 2024-06-30",
        ),
        (
            "[settings.legacy_deadline]\nvalue = 2024-06-30T00:00:00",
            "2: settings.legacy_deadline.value: is 2024-06-30 00:00:00, not a day without quotes, such as 2024-06-30",
        ),
        (
            "[settings.register_fresh_days]\nvalue = 3.5",
            "2: settings.register_fresh_days.value: is 3.5, not a whole number",
        ),
        ("[settings]\ngrandfathering = 1", "2: settings.grandfathering.value: is 1, not true or false"),
        ('[settings.legacy_before]\nvalue = 2024-06-01\nsource = ""', "3: settings.legacy_before.source: is empty"),
    ],
)
def test_a_value_of_another_kind_is_told(tmp_path: Path, text: str, told: str) -> None:
    assert mistakes(tmp_path, text) == (told,)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\ncolor = 1", "2: color: there is no such key; there are revision, special_subjects, placeholders,"),
        ("[setings]\n", "1: setings: there is no such key; did you mean 'settings'?"),
        ("[guard]\nremovd = 0.1", "2: guard.removd: there is no such key; did you mean 'removed'?"),
        ("[waivers]\ndays = 3", "2: waivers.days: there is no such key; there are never, longest_days"),
        (
            "\n[settings.register_fresh_day]\nvalue = 3",
            "2: settings.register_fresh_day: there is no such setting; did you mean 'register_fresh_days'?",
        ),
        ("[settings.legacy_deadline]\n", "1: settings.legacy_deadline: its value is missing"),
        (
            "[settings.animation_amounts_as]\nvalue = 'ai'\nchoices = ['ai']",
            "3: settings.animation_amounts_as.choices: there is no such key; there are value, source, confidence",
        ),
        ("[actions.label-stale]\n", "1: actions.label-stale: no action is given: write prepublish or on_air, or both"),
        ("[actions.label-stale]\non_ari = 'warn'", "2: actions.label-stale.on_ari: there is no such key; did you mean"),
        (f"[[regimes]]\n{REGIME}color = 1\n{PERIOD % 5}", "10: regimes.0.color: there is no such key; there are id,"),
        (f"[[regimes]]\n{REGIME}{PERIOD % 5}till = 1", "15: regimes.0.periods.0.till: there is no such key; did you"),
    ],
)
def test_a_key_that_there_is_not_is_told_with_what_was_meant(tmp_path: Path, text: str, told: str) -> None:
    (said,) = mistakes(tmp_path, text)
    assert said.startswith(told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[rules.off]\nlabel-stal = 'no hashes'", "2: rules.off.label-stal: there is no rule label-stal"),
        ("[actions.label-stal]\non_air = 'warn'", "1: actions.label-stal: there is no rule label-stal"),
        ("[waivers]\nnever = ['permit-inactive', 'label-stal']", "2: waivers.never.1: there is no rule label-stal"),
    ],
)
def test_a_rule_that_there_is_not_is_told_with_where_they_are_listed(tmp_path: Path, text: str, told: str) -> None:
    assert mistakes(tmp_path, text) == (f"{told} (docs/rules lists them all); did you mean 'label-stale'?",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[settings]\nregister_fresh_days = -1", "is -1, but must lie between 0 and 365"),
        ("[settings]\nlabel_confidence_floor = 7", "is 7, but must lie between 0 and 1; 7 % is written 0.07"),
        ("[settings]\nlabel_confidence_floor = nan", "is nan, but must lie between 0 and 1"),
        ("[settings]\nlegacy_before = 1989-12-31", "is 1989-12-31, but must lie between 1990-01-01 and 2100-12-31"),
        ("[settings]\nanimation_amounts_as = 'puppets'", "is 'puppets', which is none of live_action, ai"),
        ("[guard]\nremoved = 5", "is 5, but must be at most 1; 5 % is written 0.05"),
        ("[guard]\nadded = inf", "is inf, but must be at most 1"),
        ("[guard]\nunknown = -0.1", "is -0.1, but must be at least 0"),
        ("[guard]\nleast_count = -1", "is -1, but must be at least 0"),
        ("[waivers]\nlongest_days = 0", "is 0, but must be at least 1"),
        ("[waivers]\nlongest_days = 367", "is 367, but must be at most 366"),
        ("[actions.label-stale]\non_air = 'shout'", "is 'shout', which is none of block, hold, warn"),
        ("[rules.off]\nlabel-stale = ' '", "a rule is turned off with a reason"),
        (
            "[rules]\noff = ['label-stale']",
            "each rule is turned off with a reason: [rules.off], and below it",
        ),
        ("special_subjects = ['公安', '']", "'' is no single word"),
        ("special_subjects = ['公安,司法']", "'公安,司法' is no single word"),
        ("placeholders = ['none']", "is no permit number"),
        (f"[[regimes]]\n{REGIME}{PERIOD % -5}", "is -5, but must be at least 1"),
        (f"[[regimes]]\n{REGIME}{PERIOD % 5}until = 2023-01-01", "until (2023-01-01) is before from (2024-01-01)"),
        (f"[[regimes]]\n{REGIME}{PERIOD % 5}until = 2024-12-31", "form live_action: no regime holds after 2024-12-31"),
    ],
)
def test_a_value_that_means_nothing_is_told_with_its_bound(tmp_path: Path, text: str, told: str) -> None:
    (said,) = mistakes(tmp_path, text)
    assert told in said


def test_the_line_of_a_mistake_deep_in_the_regimes(tmp_path: Path) -> None:
    (said,) = mistakes(tmp_path, f"[[regimes]]\n{REGIME}{PERIOD % 5}[[regimes]]\n{REGIME}{PERIOD % -5}")
    assert said.startswith("27: regimes.1.periods.0.tier_1_from_yuan: ")


def test_all_mistakes_are_told_at_once_by_line(tmp_path: Path) -> None:
    told = mistakes(tmp_path, "[settings]\nregister_fresh_days = -1\nstate_fresh_day = 1\n[guard]\nremoved = 5\n")
    assert [said.split(": ")[:2] for said in told] == [
        ["2", "settings.register_fresh_days.value"],
        ["3", "settings.state_fresh_day"],
        ["5", "guard.removed"],
    ]


def test_a_text_in_the_wrong_place_is_not_repeated(tmp_path: Path) -> None:
    """It might be a secret."""
    told = mistakes(tmp_path, 'guard = "hunter2"\n[settings]\nregister_fresh_days = "hunter2"\n')
    assert "hunter2" not in str(told)


def test_mistakes_are_told_in_chinese(tmp_path: Path) -> None:
    choose("zh")
    told = mistakes(
        tmp_path,
        "guard = 1\n[settings]\nregister_fresh_day = 1\nlegacy_deadline = '2024'\n[waivers]\nnever = ['x']\nnevr = 1\n",
    )
    assert told == (
        "1: guard: 是 1，应为表",
        "3: settings.register_fresh_day: 没有这项设置；是否指 'register_fresh_days'？",
        "4: settings.legacy_deadline.value: 是带引号的文字，应为不加引号的日期，如 2024-06-30",
        "6: waivers.never.0: 没有规则 x（docs/rules 列出全部规则）",
        "7: waivers.nevr: 没有这个键；是否指 'never'？",
    )


@pytest.mark.parametrize(
    "name", [name for name, setting in load_policy().settings.items() if setting.bounds[0] is not None]
)
def test_a_setting_may_have_its_bounds_for_value(tmp_path: Path, name: str) -> None:
    path = tmp_path / "own.toml"
    for bound in load_policy().settings[name].bounds:
        path.write_text(f"[settings]\n{name} = {bound}\n", encoding="utf-8")
        assert load_policy(path).setting(name) == bound
