"""The rule language: what it knows, what it refuses and where it says so."""

import pytest

from compliance.rules.facts import FACTS, PARAMETERS
from compliance.rules.grammar import Fault, Vocabulary
from compliance.rules.language import FaultyExpressionError, known_after, parse_condition

VOCABULARY = Vocabulary(FACTS, PARAMETERS)


def faults(text: str) -> tuple[Fault, ...]:
    """The faults of an expression; it must have some."""
    with pytest.raises(FaultyExpressionError) as raised:
        parse_condition(text, VOCABULARY)
    return raised.value.faults


def only_fault(text: str) -> Fault:
    """The one fault of an expression."""
    (fault,) = faults(text)
    return fault


@pytest.mark.parametrize(
    "text",
    [
        "permit_blank",
        "NOT permit_blank OR TRUE",
        "tier IS NULL",
        "tier IS NOT NULL AND tier > 1",
        "tier IS NULL OR tier BETWEEN 1 AND 2",
        "NOT (tier IS NULL OR declared_tier IS NULL) AND declared_tier > tier",
        "permit_rank IS DISTINCT FROM 1",
        "register_status IS NOT DISTINCT FROM 'active'",
        "register_status IS NOT DISTINCT FROM 'active' AND register_status IN ('active', 'pending')",
        "COALESCE(register_status, 'active') = 'active'",
        "COALESCE(tier, declared_tier, 3) < 2",
        "kind NOT IN ('drama')",
        "episode_count IN (1, -2)",
        "online_on >= :label_title_from",
        "online_on + 30 > :as_of - 1",
        "online_on IN (DATE '2026-01-01', DATE '2026-09-01')",
        "EXTRACT(YEAR FROM online_on) < :microdrama_first_year + 1",
        "online_at IS NOT NULL AND CAST(online_at AS DATE) < online_on",
        "reviewed_at IS NULL OR (online_at IS NOT NULL AND reviewed_at > online_at)",
        "CASE WHEN tier IS NULL THEN FALSE ELSE tier > 1 END",
        "CASE WHEN tier IS NOT NULL THEN tier ELSE 3 END > 1",
        "name = platform -- a remark\n",
        "legacy = promoted",
    ],
)
def test_the_language_knows(text: str) -> None:
    assert parse_condition(text, VOCABULARY).text == text.strip()


def test_an_expression_names_its_facts_and_parameters() -> None:
    expression = parse_condition("legacy AND online_on > :legacy_deadline", VOCABULARY)
    assert (expression.facts, expression.parameters) == ({"legacy", "online_on"}, {"legacy_deadline"})


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("LOWER(name) = 'x'", "LOWER"),
        ("my_function(name)", "my_function"),
        ("name LIKE '%a'", "LIKE"),
        ("name RLIKE 'a'", "REGEXPLIKE"),
        ("name || 'x' = 'y'", "DPIPE"),
        ("episode_count * 2 > 3", "MUL"),
        ("episode_count / 2 > 3", "DIV"),
        ("legacy IN (SELECT legacy FROM titles)", "IN is followed by literals"),
        ("EXISTS (SELECT 1)", "EXISTS"),
        ("SELECT 1", "SELECT"),
        ("DROP TABLE titles", "DROP"),
        ("ATTACH x", "is not part of the rule language"),
        ("CALL x()", "is not part of the rule language"),
        ("TRY_CAST(online_at AS DATE) = :as_of", "TRYCAST"),
        ("online_at < CURRENT_TIMESTAMP", "CURRENTTIMESTAMP"),
        ("? = 1", "unknown parameter"),
        ("tier = NULL", "NULL"),
        ("legacy IS TRUE", "IS is followed by"),
        ("titles.legacy", "unknown fact 'titles.legacy'"),
        ("episodes_seen > 0", "episodes_seen may be shown as evidence, but no condition may ask for it"),
        ("CASE tier WHEN 1 THEN TRUE ELSE FALSE END", "CASE with an operand"),
        ("CASE WHEN legacy THEN TRUE END", "CASE needs an ELSE"),
        ("EXTRACT(MONTH FROM online_on) = 1", "YEAR only"),
        ("CAST(episode_count AS TEXT) = '1'", "DATE only"),
        ("online_on - :as_of > 3", "+ and - stand between integers"),
        ("online_on + episode_count > :as_of", "constant integer"),
        ("DATE '2026-13-01' < online_on", "no day"),
        ("DATE '20260101' < online_on", "no day"),
        ("episode_count > 1.5", "no integer"),
        ("episode_count > 99999999999", "no integer"),
        ("-episode_count < 0", "minus sign"),
        ("COALESCE(tier + 1, 2) > 1", "COALESCE takes facts"),
        ("COALESCE(CAST(online_at AS DATE), :as_of) = :as_of", "COALESCE takes facts"),
    ],
)
def test_everything_else_is_refused(text: str, word: str) -> None:
    assert word in " ".join(fault.message for fault in faults(text))


@pytest.mark.parametrize(
    "text", ["", "   ", "legacy AND", "legacy; promoted", "(legacy", "legacy promoted stage", "'open"]
)
def test_what_is_no_single_condition_is_refused(text: str) -> None:
    assert faults(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = 3", "text is compared with integer in 'name = 3'"),
        ("online_on = online_on AND status = TRUE", "text is compared with flag in 'status = TRUE'"),
        ("name < platform", "text has no order that all engines share; compare it with = or IN"),
        ("legacy > promoted", "flag has no order that all engines share; compare it with = or IN"),
        ("episode_count AND legacy", "an operand of AND must be of type flag, but 'episode_count' is of type integer"),
        ("episode_count + 1", "the whole is of type integer, but a condition is true or false"),
        ("name IN ('a', 1)", "text cannot be in a list with 1"),
        ("CASE WHEN legacy THEN 1 ELSE 'a' END = 1", "the results of CASE are of several types: integer, text"),
    ],
)
def test_types_must_fit(text: str, message: str) -> None:
    assert message in only_fault(text).message


def test_a_day_against_an_instant_says_what_to_write() -> None:
    assert "write CAST(… AS DATE)" in only_fault("online_at IS NOT NULL AND online_at > :as_of").message


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("lagacy", "unknown fact 'lagacy'; did you mean 'legacy'?"),
        ("online_on > :asof", "unknown parameter :asof; did you mean 'as_of'?"),
        ("status = 'onlin'", "'onlin' is none of draft, online, scheduled; did you mean 'online'?"),
        ("status IN ('draft', 'onlin')", "'onlin' is none of draft, online, scheduled; did you mean 'online'?"),
        ("status IS DISTINCT FROM 'offline'", "'offline' is none of draft, online, scheduled; did you mean 'online'?"),
        ("COALESCE(register_status, 'none') = 'activ'", "did you mean 'active'?"),
        ("CASE WHEN legacy THEN status ELSE 'draft' END = 'onlin'", "did you mean 'online'?"),
    ],
)
def test_a_misspelt_name_gets_a_suggestion(text: str, hint: str) -> None:
    assert hint in only_fault(text).message


@pytest.mark.parametrize(
    "text",
    [
        "tier > 1",
        "tier > 1 AND tier IS NOT NULL",
        "tier IS NULL AND tier > 1",
        "tier IS NOT NULL OR tier > 1",
        "(tier IS NOT NULL OR legacy) AND tier > 1",
        "NOT (tier IS NULL AND legacy) AND tier > 1",
        "tier IN (1, 2)",
        "tier BETWEEN 1 AND 2",
        "CAST(online_at AS DATE) = :as_of",
        "tier + 1 IS DISTINCT FROM declared_tier",
        "COALESCE(tier, declared_tier) = 1",
        "CASE WHEN tier IS NULL THEN tier > 1 ELSE TRUE END",
        "register_status IS DISTINCT FROM 'active' AND register_status = 'revoked'",
        "tier IS NOT DISTINCT FROM declared_tier AND tier > 1",
    ],
)
def test_a_fact_that_may_be_null_stands_guarded(text: str) -> None:
    assert all("may be NULL" in fault.message for fault in faults(text))


def test_what_was_asked_before_guards_too() -> None:
    applies = parse_condition("tier IS NOT NULL", VOCABULARY)
    unknown = parse_condition("declared_tier IS NULL OR legacy", VOCABULARY)
    known = known_after(applies, truth=True) | known_after(unknown, truth=False)
    assert known == {"tier", "declared_tier"}
    assert parse_condition("declared_tier > tier", VOCABULARY, known).facts == {"tier", "declared_tier"}


def test_a_fault_says_where_it_stands() -> None:
    fault = only_fault("-- 说明\nlegacy\n  OR 总局 = '京'")
    assert (fault.line, fault.column) == (3, 6)


def test_a_fault_at_a_parameter_says_where_it_stands() -> None:
    fault = only_fault("legacy AND\n :asof > online_on")
    assert (fault.line, fault.column) == (2, 2)


def test_all_faults_are_told_at_once() -> None:
    assert len(faults("lagacy OR status = 'onlin' OR UPPER(name) = 'X'")) == 3
