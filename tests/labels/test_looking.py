"""Numbers of which a part may be hidden: they say nothing against the number expected."""

from __future__ import annotations

import pytest

from compliance.labels.looking import begins, open_ended
from compliance.permits.parsing import Permit, find

EXPECTED = "（番茄）网微剧备字（2026）第847205号"


def permit(text: str) -> Permit:
    found = find(text)
    assert isinstance(found, Permit)
    return found


@pytest.mark.parametrize("text", ["（番茄）网微剧备字（2026）第847", "(番茄)网微剧备字[2026]84720", "V11004342001101"])
def test_nothing_says_where_a_serial_ends_without_its_last_character(text: str) -> None:
    assert open_ended(permit(text))


@pytest.mark.parametrize("text", [EXPECTED, "(番茄)网微剧备字[2026]847号"])
def test_its_last_character_ends_a_serial(text: str) -> None:
    assert not open_ended(permit(text))


@pytest.mark.parametrize("serial", ["8", "84720", "0084720", "000"])
def test_first_digits_may_be_the_number_expected(serial: str) -> None:
    assert begins(permit(f"（番茄）网微剧备字（2026）第{serial}"), permit(EXPECTED))


@pytest.mark.parametrize(
    "text",
    [
        EXPECTED,
        "（番茄）网微剧备字（2026）第847206",
        "（番茄）网微剧备字（2026）第8472051",
        "（番茄）网微剧备字（2025）第847",
        "（快手）网微剧备字（2026）第847",
    ],
)
def test_another_number_is_not_its_beginning(text: str) -> None:
    assert not begins(permit(text), permit(EXPECTED))
