"""The dated law: every day and form has one regime, every boundary falls on the side the law says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from compliance.errors import ConfigurationError
from compliance.policy import load_policy
from compliance.policy.tiers import derive_tier, special_words

POLICY = load_policy()


@pytest.mark.parametrize(
    ("day", "form", "regime"),
    [
        ("2019-01-01", "live_action", "nrta-2022-128"),
        ("2022-06-01", "ai", "nrta-2022-128"),
        ("2024-05-31", "live_action", "nrta-2022-128"),
        ("2024-06-01", "live_action", "nrta-2024-35"),
        ("2025-12-31", "ai", "nrta-2024-35"),
        ("2026-01-01", "ai", "nrta-2026-01"),
        ("2026-06-30", "ai", "nrta-2026-01"),
        ("2026-07-01", "ai", "nrta-2026-07-ai"),
        ("2026-07-01", "live_action", "nrta-2026-01"),
        ("2026-07-01", "animation", "nrta-2026-01"),
        ("2026-08-31", "ai", "nrta-2026-07-ai"),
        ("2026-08-31", "live_action", "nrta-2026-01"),
        ("2026-09-01", "live_action", "nrta-order-16"),
        ("2026-09-01", "ai", "nrta-order-16"),
    ],
)
def test_regime_of_a_day(day: str, form: str, regime: str) -> None:
    assert POLICY.regime_on(date.fromisoformat(day), form)[0].id == regime


@pytest.mark.parametrize(
    ("regime", "text", "amounts"),
    [
        ("nrta-2022-128", "H", ["M"]),
        ("nrta-2024-35", "H", ["H"]),
        ("nrta-2026-01", "M", ["M", "M"]),
        ("nrta-2026-07-ai", "M", ["M"]),
        ("nrta-order-16", "H", ["L", "L"]),
    ],
)
def test_a_text_that_was_read_in_full_may_have_amounts_that_are_less_sure(
    regime: str, text: str, amounts: list[str]
) -> None:
    (found,) = (one for one in POLICY.regimes if one.id == regime)
    assert (found.confidence, [period.confidence for period in found.periods]) == (text, amounts)


@pytest.mark.parametrize(
    ("day", "form", "facts", "tier"),
    [
        ("2024-05-31", "live_action", {"investment_yuan": 999_999}, 3),
        ("2024-05-31", "live_action", {"investment_yuan": 1_000_000}, 1),
        ("2024-05-31", "live_action", {"investment_yuan": 1, "special_subject": True}, 3),
        ("2024-05-31", "live_action", {"investment_yuan": 1, "promoted": True}, 1),
        ("2024-06-01", "live_action", {"investment_yuan": 299_999}, 3),
        ("2024-06-01", "live_action", {"investment_yuan": 300_000}, 2),
        ("2024-06-01", "live_action", {"investment_yuan": 999_999}, 2),
        ("2024-06-01", "live_action", {"investment_yuan": 1_000_000}, 1),
        ("2024-06-01", "live_action", {"investment_yuan": 1, "first_screen": True}, 1),
        ("2024-06-01", "live_action", {"investment_yuan": 1, "special_subject": True}, 1),
        ("2024-06-01", "live_action", {"investment_yuan": 1, "voluntary_tier": 1}, 1),
        ("2024-06-01", "live_action", {"investment_yuan": 1, "voluntary_tier": 2}, 3),
        ("2024-06-01", "live_action", {"investment_yuan": None}, None),
        ("2026-01-01", "live_action", {"investment_yuan": 999_999, "promoted": True, "voluntary_tier": 1}, 3),
        ("2026-01-01", "live_action", {"investment_yuan": 1_000_000}, 2),
        ("2026-01-01", "live_action", {"investment_yuan": 3_000_000}, 1),
        ("2026-06-30", "ai", {"investment_yuan": 800_000}, 3),
        ("2026-07-01", "ai", {"investment_yuan": 299_999}, 3),
        ("2026-07-01", "ai", {"investment_yuan": 300_000}, 2),
        ("2026-07-01", "ai", {"investment_yuan": 800_000}, 1),
        ("2026-09-01", "live_action", {"investment_yuan": 2_999_999}, 2),
        ("2026-09-01", "live_action", {"investment_yuan": 3_000_000, "voluntary_tier": 2}, 1),
        ("2026-09-01", "live_action", {"investment_yuan": 1, "voluntary_tier": 2}, 2),
        ("2026-09-01", "live_action", {"investment_yuan": None, "voluntary_tier": 2}, None),
        ("2026-09-01", "live_action", {"investment_yuan": None, "voluntary_tier": 1}, 1),
        ("2026-09-01", "animation", {"investment_yuan": 800_000}, 3),
        ("2026-09-01", "live_action", {"investment_yuan": 1, "first_screen": True}, 3),
    ],
)
def test_tier(day: str, form: str, facts: dict, tier: int | None) -> None:
    regime, period = POLICY.regime_on(date.fromisoformat(day), form)
    given = {"special_subject": False, "promoted": False, "first_screen": False, "voluntary_tier": None, **facts}
    assert derive_tier(regime, period, **given) == tier


def test_a_subject_is_special_only_as_a_whole_word() -> None:
    assert special_words("都市、公安，司法", POLICY.special_subjects) == ["司法", "公安"]
    assert special_words("公安局的日常, 反公安", POLICY.special_subjects) == []
    assert special_words("\u3000公安 ", POLICY.special_subjects) == ["公安"]
    assert special_words('["都市", "公安"]', POLICY.special_subjects) == ["公安"], "as MariaDB and SQLite keep JSON"
    assert special_words("{都市,公安}", POLICY.special_subjects) == ["公安"], "as PostgreSQL casts an array"
    assert special_words("['公安', '都市']", POLICY.special_subjects) == ["公安"], "as Python writes a list"
    assert special_words("\ufeff公安\u200b", POLICY.special_subjects) == ["公安"]
    assert special_words('[]"', POLICY.special_subjects) == []
    assert special_words(None, POLICY.special_subjects) == []


def _own(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_own_policy_overrides_one_value_and_keeps_its_meaning(tmp_path: Path) -> None:
    policy = load_policy(_own(tmp_path, "[settings.register_fresh_days]\nvalue = 3\n"))
    assert policy.number("register_fresh_days") == 3
    assert policy.settings["register_fresh_days"].meaning == POLICY.settings["register_fresh_days"].meaning


@pytest.mark.parametrize("text", ["[settings]\nregister_fresh_days = 3\n", "settings.register_fresh_days = 3\n"])
def test_a_setting_may_be_its_bare_value(tmp_path: Path, text: str) -> None:
    shipped = POLICY.settings["register_fresh_days"]
    setting = load_policy(_own(tmp_path, text)).settings["register_fresh_days"]
    assert setting == shipped.model_copy(update={"value": 3})


def test_a_bound_that_is_set_keeps_the_others(tmp_path: Path) -> None:
    policy = load_policy(_own(tmp_path, "[guard]\nremoved = 0.05\n[waivers]\nlongest_days = 30\n"))
    assert policy.guard == POLICY.guard.model_copy(update={"removed": 0.05})
    assert policy.waivers == POLICY.waivers.model_copy(update={"longest_days": 30})


def test_animation_can_be_tiered_as_ai(tmp_path: Path) -> None:
    policy = load_policy(_own(tmp_path, '[settings.animation_amounts_as]\nvalue = "ai"\n'))
    assert policy.regime_on(date(2026, 7, 1), "animation")[0].id == "nrta-2026-07-ai"


def test_a_gap_between_regimes_is_refused(tmp_path: Path) -> None:
    text = '[[regimes]]\nid = "one"\ntitle = {zh = "一", en = "one"}\nsource = "s"\nconfidence = "H"\n' + (
        "special_subjects = true\npromotion = false\nvoluntary_tiers = []\nepisode_bound_s = 1200\n"
        '[[regimes.periods]]\nforms = ["live_action", "ai", "animation"]\nfrom = 2024-01-01\nuntil = 2024-12-31\n'
        'tier_1_from_yuan = 10\nconfidence = "H"\n'
        '[[regimes.periods]]\nforms = ["live_action", "ai", "animation"]\nfrom = 2025-01-02\n'
        'tier_1_from_yuan = 10\nconfidence = "H"\n'
    )
    with pytest.raises(ConfigurationError, match="day by day"):
        load_policy(_own(tmp_path, text))


def test_two_regimes_of_one_id_are_refused(tmp_path: Path) -> None:
    text = "".join(
        f'[[regimes]]\nid = "one"\ntitle = {{zh = "一", en = "one"}}\nsource = "s"\nconfidence = "H"\n'
        f"special_subjects = {flag}\npromotion = false\nvoluntary_tiers = []\nepisode_bound_s = 1200\n"
        f'[[regimes.periods]]\nforms = {forms}\nfrom = 2024-01-01\ntier_1_from_yuan = 10\nconfidence = "H"\n'
        for flag, forms in (("true", '["live_action", "animation"]'), ("false", '["ai"]'))
    )
    with pytest.raises(ConfigurationError) as refused:
        load_policy(_own(tmp_path, text))
    assert "several regimes have the id one" in "".join(refused.value.problems)
