"""A waiver of a rule that the policy lets nobody waive counts nowhere, whenever it was granted."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from compliance.engines.single.deciding import Decider
from compliance.policy import Policy, load_policy
from compliance.policy.settings import WaiverSettings
from compliance.rules.loading import load_rules
from compliance.verdicts.waivers import Waiver, Waivers
from tests.catalogs import write_catalog
from tests.portable import Run, embedded, outputs, portable
from tests.states import state_of

AS_OF = date(2026, 11, 22)
SHIPPED = load_policy()
LENIENT = SHIPPED.model_copy(update={"waivers": WaiverSettings(never=())})
WAIVERS = Waivers(
    Waiver(
        waiver_id=f"W{number}",
        scope="platform",
        subject="fanqie",
        rule=rule,
        last_on=AS_OF + timedelta(days=9),
        reason="r",
        ticket="T",
        requested_by="Li",
        approved_by="Wang",
        granted_on=AS_OF,
    )
    for number, rule in enumerate(("permit-inactive", "label-missing"), 1)
)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_catalog(
        tmp_path_factory.mktemp("never") / "catalog",
        titles=[{"title_id": "t1"}],
        register=[{"status": "revoked"}],
        labels=(),
    )


@pytest.mark.parametrize(
    ("policy", "decision", "waived"),
    [(LENIENT, "allow", {"permit-inactive", "label-missing"}), (SHIPPED, "block", {"label-missing"})],
)
@pytest.mark.parametrize("run", [embedded, portable])
def test_an_audit(catalog: Path, tmp_path: Path, run: Run, policy: Policy, decision: str, waived: set[str]) -> None:
    said = outputs(run, catalog, tmp_path / "run", AS_OF, policy=policy, waivers=WAIVERS)
    assert [decision] == [row["decision"] for row in said["verdicts"]]
    assert waived == {row["rule"] for row in said["waived"]}
    assert waived == {row["rule"] for row in said["findings"] if row["action"] == "warn"}


@pytest.mark.parametrize(
    ("policy", "decision", "waived"),
    [(LENIENT, "allow", {"permit-inactive", "label-missing"}), (SHIPPED, "block", {"label-missing"})],
)
def test_a_single_title(catalog: Path, tmp_path: Path, policy: Policy, decision: str, waived: set[str]) -> None:
    state = state_of(catalog, tmp_path / "state", as_of=AS_OF)
    verdict = Decider(state, load_rules(), policy, AS_OF, WAIVERS).decide("t1")
    assert decision == verdict.decision
    assert waived == {finding.rule.id for finding in verdict.findings if finding.waiver is not None}
