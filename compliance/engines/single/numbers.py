"""A title's number together with what is known of its issuer (contract, section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from compliance.permits import Issuer, Permit, Reason, issued_rightly, parse, stated

BLANK = Reason.BLANK.value


parse_once = lru_cache(maxsize=1024)(parse)
"""A number is asked about more than once on the way to a verdict."""


class Number(NamedTuple):
    """A title's number as it was understood, with the level of its issuer."""

    permit: Permit | None
    reason: str | None
    """Why it was not understood; None where it was."""
    level: str | None
    operator: str | None

    @property
    def platform_filing(self) -> bool:
        """A filing whose issuer is a platform: it proves tier 3, on that platform only."""
        return self.permit is not None and self.permit.family == "filing" and self.level == "platform"


def read_number(raw: str | None, issuers: Mapping[str, Issuer]) -> Number:
    """The number of a title. A licence that names a platform as issuer is as little a number as a misspelt one."""
    parsed = parse_once(raw)
    if not isinstance(parsed, Permit):
        return Number(None, parsed.reason.value, None, None)
    issuer = issuers.get(parsed.issuer) if parsed.issuer is not None else None
    if issuer is None:
        return Number(parsed, None, None, None)
    if not issued_rightly(parsed.family, issuer.level):
        return Number(None, Reason.WRONG_ISSUER.value, None, None)
    operator = stated(issuer.operator) if issuer.level == "platform" else None
    return Number(parsed, None, issuer.level, operator)


def is_rightly_issued(permit: Permit, issuers: Mapping[str, Issuer]) -> bool:
    """Whether the issuer of a number may issue its family; an unknown issuer is for a person to judge."""
    issuer = issuers.get(permit.issuer) if permit.issuer is not None else None
    return issued_rightly(permit.family, issuer.level if issuer is not None else None)
