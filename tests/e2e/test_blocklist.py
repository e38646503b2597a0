"""The block list in force: versions, guard, approval, from the command line."""

from __future__ import annotations

import json
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import time_machine

from compliance import clock
from tests.catalogs import write_catalog
from tests.e2e.test_ledger_commands import AS_OF, gate
from tests.e2e.test_waiving import GRANT, GRANTED, UNTIL

STRICT = "[guard]\nleast_count = 0\nremoved = 0.5\nadded = 1\nplacements_hit = 1\nunknown = 1\ncatalog_shrunk = 0.5\n"


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration of the working folder or the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATE_CONFIG", raising=False)


def audit(*blocked: str, allowed: tuple[str, ...] = ("t0",), code: int = 1, **more: Any) -> dict[str, Any]:
    """Audit a catalog with these titles; gives what became of the list."""
    titles = [{"title_id": name, "permit_number": None} for name in blocked] + [{"title_id": name} for name in allowed]
    labels = [{"title_id": title["title_id"]} for title in titles]
    catalog = write_catalog(Path("catalog"), **{"titles": titles, "labels": labels, **more})
    text = gate("audit", "--catalog", catalog, "--out", "out", "--as-of", AS_OF, "--no-reports", "--json", code=code)
    return dict(json.loads(text)["publication"])


def blocklist(*arguments: object, code: int = 0) -> Any:
    return json.loads(gate("blocklist", *arguments, "--out", "out", "--json", code=code))


def listed(version: int) -> list[str]:
    path = Path(f"out/blocklist/versions/{version:06}/block_list.jsonl")
    return [json.loads(line)["title_id"] for line in path.read_text(encoding="utf-8").splitlines()]


def latest() -> int:
    return int(json.loads(Path("out/blocklist/latest.json").read_text())["version"])


def test_each_audit_publishes_a_version() -> None:
    assert audit("t1", "t2")["version"] == 1
    assert audit("t1", "t3")["version"] == 2
    assert (listed(1), listed(2), latest()) == (["t1", "t2"], ["t1", "t3"], 2)
    assert [(row["version"], row["state"], row["entries"]) for row in blocklist("show")] == [
        (1, "superseded", 2),
        (2, "in_force", 2),
    ]
    for form in ("parquet", "csv"):
        kept = Path(f"out/blocklist/versions/000002/block_list.{form}").read_bytes()
        assert kept == Path(f"out/block_list.{form}").read_bytes()
    assert blocklist("verify") == {"whole": True, "versions": 2, "in_force": 2, "problems": []}


def test_what_readers_fetch_is_proven_too() -> None:
    audit("t1", "t2")
    targets, metadata = Path("out/blocklist/targets"), Path("out/blocklist/metadata")
    (csv,) = targets.glob("*.block_list.csv")
    kept = csv.read_bytes()
    csv.unlink()
    csv.write_bytes(kept + b"t9,fanqie,block\n")
    problems = blocklist("verify", code=3)["problems"]
    assert [problem for problem in problems if "readers cannot follow" in problem]
    assert f"{csv} is not what was published" in problems
    csv.write_bytes(kept)
    assert blocklist("verify")["whole"]
    shutil.rmtree(metadata)
    assert len(blocklist("verify", code=3)["problems"]) == 1


def test_a_version_that_was_held_and_passed_over_was_never_in_force() -> None:
    Path("gate.toml").write_text(STRICT)
    audit("t1", "t2", "t3", "t4")
    audit("t1", code=4)
    audit("t1", "t2", "t3", "t5")
    assert [row["state"] for row in blocklist("show")] == ["superseded", "passed_over", "in_force"]


def test_a_version_that_there_is_not_is_told_as_such() -> None:
    audit("t1")
    for asked in (("show", 9), ("diff", 9), ("diff", 1, "--from", 9)):
        assert "there is no version 9" in gate("blocklist", *asked, "--out", "out", code=2)


def test_a_version_whose_files_are_lost_hides_no_other() -> None:
    audit("t1")
    audit("t1")
    shutil.rmtree("out/blocklist/versions/000001")
    states = {one["version"]: (one["state"], one["entries"]) for one in blocklist("show")}
    assert states == {1: ("superseded", None), 2: ("in_force", 1)}
    assert "superseded, files lost or damaged" in gate("blocklist", "show", "--out", "out")
    assert "cannot be read" in gate("blocklist", "show", "1", "--out", "out", code=3)


def test_the_day_an_entry_came_on_is_kept_over_versions_and_lost_by_leaving() -> None:
    def since(version: int) -> dict[str, Any]:
        table = pq.read_table(f"out/blocklist/versions/{version:06}/block_list.parquet")
        return {row["title_id"]: row["first_listed_at"] for row in table.to_pylist()}

    audit("t1", "t2")
    audit("t1")
    audit("t1", "t2")
    assert since(1)["t1"] == since(2)["t1"] == since(3)["t1"]
    assert since(1)["t2"] < since(3)["t2"]


def test_every_removal_has_a_reason_and_evidence() -> None:
    audit("t1", "t2", "t3", "t4", "t5")
    with time_machine.travel(GRANTED):
        for rule in ("permit-missing", "label-differs"):
            gate("waive", "add", "--rule", rule, "--until", UNTIL, *GRANT, "--title", "t2", "--out", "out")
    titles = [
        {"title_id": "t1"},
        {"title_id": "t2", "permit_number": None},
        {"title_id": "t3", "permit_number": None, "status": "offline"},
        {"title_id": "t5", "permit_number": None},
    ]
    labels = [{"title_id": title["title_id"]} for title in titles]
    write_catalog(Path("catalog"), titles=titles, labels=labels)
    gate("audit", "--catalog", "catalog", "--out", "out", "--as-of", AS_OF, "--no-reports", code=1)
    reasons = {line["title_id"]: line["reason"] for line in blocklist("diff", 2) if line["change"] == "removed"}
    assert reasons == {"t1": "cured", "t2": "waived", "t3": "taken_down", "t4": "taken_down"}
    Path("gate.toml").write_text('[rules.off]\npermit-missing = "for a test"\nlabel-differs = "for a test"\n')
    gate("audit", "--catalog", "catalog", "--out", "out", "--as-of", AS_OF, "--no-reports", code=0)
    (gone,) = blocklist("diff", 3)
    assert (gone["title_id"], gone["reason"]) == ("t5", "rule_changed")
    assert gone["evidence"]["changed"] == ["label-differs", "permit-missing"]


def test_what_a_setting_lets_go_is_told_as_a_change_of_the_rules() -> None:
    """A title that is held because nobody can tell has failed no rule, and no rule names the setting."""
    draft = {"title_id": "t1", "status": "draft", "online_at": None}
    nine_days_old = {"updated_at": datetime(2026, 11, 11)}  # noqa: DTZ001 - wall time
    audit(titles=[draft], labels=[{"title_id": "t1"}], register=[nine_days_old])
    assert listed(1) == ["t1"]
    Path("gate.toml").write_text("[settings]\nregister_fresh_days = 9\n")
    audit(titles=[draft], labels=[{"title_id": "t1"}], register=[nine_days_old], code=0)
    (gone,) = blocklist("diff", 2)
    assert (gone["title_id"], gone["reason"]) == ("t1", "rule_changed")
    assert gone["evidence"]["changed"] == gone["evidence"]["listed_for"]
    assert "permit-unregistered" in gone["evidence"]["changed"]
    assert blocklist("verify")["whole"]


def test_a_held_list_leaves_the_last_one_in_force_until_it_is_approved() -> None:
    Path("gate.toml").write_text(STRICT)
    audit("t1", "t2", "t3", "t4")
    publication = audit("t1", code=4)
    assert (publication["version"], publication["held"], publication["in_force"]) == (2, True, 1)
    assert [reading["name"] for reading in publication["readings"] if reading["held"]] == ["catalog_shrunk", "removed"]
    assert (latest(), listed(1)) == (1, ["t1", "t2", "t3", "t4"])
    assert len(pq.read_table("out/block_list.parquet")) == 1  # the run's own list is its own
    assert json.loads(Path("out/guard.json").read_text())["held"] is True
    assert [row["state"] for row in blocklist("show")] == ["in_force", "held"]
    approved = blocklist("approve", 2, "--by", "Wang", "--reason", "half the catalog was moved to another platform")
    assert (approved["in_force"], latest()) == (2, 2)
    assert "was published already" in gate(
        "blocklist", "approve", 2, "--by", "Wang", "--reason", "again", "--out", "out", code=2
    )
    assert blocklist("verify")["whole"]
    assert json.loads(gate("verify", "--out", "out", "--json"))["holds"]


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("where", "stands", "version"),
    [
        ("compliance.blocklist.publication.Publisher.propose", "out, but its block list is not in force", 1),
        ("compliance.cli.audit.say_summary", "out", 2),
    ],
)
def test_an_audit_interrupted_late_says_what_stands(
    where: str, stands: str, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit("t1")
    asked = ("audit", "--catalog", "catalog", "--out", "out", "--as-of", AS_OF, "--no-reports")
    with monkeypatch.context() as patched:
        patched.setattr(where, interrupted)
        told = gate(*asked, code=130)
    run_id = json.loads(Path("out/summary.json").read_text())["run_id"]
    assert f"interrupted: the outputs of {run_id} stand in {stands}\n" in told
    assert ("→ publish the list: gate blocklist publish --out out" in told) == (version == 1)
    assert latest() == version
    gate("blocklist", "publish", "--out", "out")
    assert blocklist("show")[-1]["run_id"] == run_id


def test_an_audit_interrupted_early_says_that_nothing_was_published(monkeypatch: pytest.MonkeyPatch) -> None:
    audit("t1")
    monkeypatch.setattr("compliance.runs.write_readings", interrupted)
    told = gate("audit", "--catalog", "catalog", "--out", "out", "--no-reports", code=130)
    assert "interrupted: nothing was published, the previous outputs stand" in told


@pytest.mark.parametrize("days", [-92, 400])
def test_a_look_at_another_day_takes_nothing_off_the_list_in_force(days: int) -> None:
    """By the law of August an AI title needed no notice: that frees nobody of today's duty."""
    audit("t1", "t2")
    day = (clock.today() if days > 0 else date.fromisoformat(AS_OF)) + timedelta(days=days)
    look = ("audit", "--catalog", "catalog", "--out", "out", "--as-of", day, "--no-reports", "--lang", "en")
    assert "other_day: judged as of a day" in gate(*look, code=4)
    assert latest() == 1
    gate(*look, "--no-publish", code=1)
    audit("t1", code=1)
    assert latest() > 1


def test_a_held_list_says_what_to_do() -> None:
    Path("gate.toml").write_text(STRICT)
    audit("t1", "t2", "t3", "t4")
    write_catalog(Path("catalog"))
    text = gate("audit", "--catalog", "catalog", "--out", "out", "--as-of", AS_OF, "--no-reports", code=4)
    assert "version 2 of the block list is held; version 1 stays in force" in text
    assert "removed: 100.0% of at most 50.0% (4)" in text
    assert "gate blocklist approve 2 --by NAME --reason WHY" in text


def test_who_proposed_cannot_approve_unless_the_policy_says_so() -> None:
    configuration = STRICT + '[blocklist]\nproposer = "Li"\n'
    Path("gate.toml").write_text(configuration)
    audit("t1", "t2", "t3", "t4")
    audit("t1", code=4)
    approve = ("blocklist", "approve", 2, "--by", "li", "--reason", "because", "--out", "out")
    assert "cannot approve it" in gate(*approve, code=2)
    assert latest() == 1
    Path("gate.toml").write_text(configuration.replace("[guard]", "[guard]\nproposer_may_approve = true"))
    gate(*approve)
    assert latest() == 2


def test_only_what_was_held_is_released() -> None:
    Path("gate.toml").write_text(STRICT)
    audit("t1", "t2", "t3", "t4")
    audit("t1", code=4)
    path = Path("out/blocklist/versions/000002/block_list.jsonl")
    path.write_text("")
    approve = ("blocklist", "approve", 2, "--by", "Wang", "--reason", "because", "--out", "out")
    assert "is not what was held" in gate(*approve, code=3)
    assert latest() == 1
    assert blocklist("verify", code=3)["problems"] == [f"{path} is not what was published"]


def test_an_older_list_cannot_take_the_place_of_a_newer_one() -> None:
    Path("gate.toml").write_text(STRICT)
    audit("t1", "t2", "t3", "t4")
    audit("t1", code=4)
    audit("t1", "t2", "t3")
    assert latest() == 3
    approve = ("blocklist", "approve", 2, "--by", "Wang", "--reason", "because", "--out", "out")
    assert "older than version 3" in gate(*approve, code=2)
    assert "no version 9" in gate(
        "blocklist", "approve", 9, "--by", "Wang", "--reason", "because", "--out", "out", code=2
    )


def test_with_the_shipped_bounds_small_catalogs_are_never_held() -> None:
    names = tuple(f"t{number}" for number in range(1, 60))
    for blocked in (names, names[:1], names[30:], names):
        assert not audit(*blocked)["held"]
    assert not audit(code=0)["held"]


@pytest.mark.parametrize(
    ("lost", "says"),
    [(["ledger.sqlite"], "does not end where it was signed"), (["ledger.sqlite", "head.json"], "does not know it")],
)
def test_a_ledger_that_does_not_know_the_list_in_force_stops_the_publication(lost: list[str], says: str) -> None:
    audit("t1")
    for name in lost:
        Path("out/ledger", name).unlink()
    write_catalog(Path("catalog"))
    text = gate("audit", "--catalog", "catalog", "--out", "out", "--as-of", AS_OF, "--no-reports", code=3)
    assert says in text
    assert (latest(), listed(1)) == (1, ["t1"])


def test_without_publication_nothing_is_published() -> None:
    write_catalog(Path("catalog"))
    gate("audit", "--catalog", "catalog", "--out", "out", "--as-of", AS_OF, "--no-reports", "--no-publish")
    assert not Path("out/blocklist").exists()
    assert blocklist("publish")["in_force"] == 1
    assert "no block list was published yet" in gate("blocklist", "show", "--out", "elsewhere", code=2)


def test_a_reader_pulls_the_list_and_sees_its_age() -> None:
    audit("t1", "t2")
    root = "out/blocklist/metadata/1.root.json"
    pulled = json.loads(
        gate("blocklist", "pull", "out/blocklist", "--to", "reader", "--root", root, "--form", "csv", "--json")
    )
    assert (pulled["version"], pulled["entries"], pulled["by_delta"]) == (1, 2, False)
    assert 0 <= pulled["age_s"] < 600
    assert Path("reader/current/block_list.csv").read_bytes() == Path("out/block_list.csv").read_bytes()
    gate("blocklist", "rotate", "--out", "out")
    audit("t1", "t3")
    assert "version 2, 2 entries" in gate("blocklist", "pull", "out/blocklist", "--to", "reader")
    Path("out/blocklist/metadata/timestamp.json").write_text("{}")
    assert "is refused; version 2 of" in gate("blocklist", "pull", "out/blocklist", "--to", "reader", code=3)
    assert "no form xml" in gate("blocklist", "pull", "out/blocklist", "--to", "reader", "--form", "xml", code=2)


def test_the_report_shows_how_near_each_bound_was() -> None:
    Path("gate.toml").write_text(STRICT)
    audit("t1", "t2", "t3", "t4")
    write_catalog(Path("catalog"))
    gate("audit", "--catalog", "catalog", "--out", "out", "--as-of", AS_OF, code=4)
    page = Path("out/report.html").read_text(encoding="utf-8")
    section = page[page.index("The guard of the block list: how near each bound was") :]
    rows = section[: section.index("</table>")]
    assert "Entries removed" in rows
    assert "Entries added" not in rows  # a reading of nothing is only counted
    assert "beyond: held until approved" in rows
    assert "100.0%" in rows
