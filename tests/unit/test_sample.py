"""The sample catalog: its types, its size, that it never changes by itself, and that every rule is planted in it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
from opencc import OpenCC

from compliance.catalog.schema import RELATIONS
from compliance.sample import Plan, write_sample
from compliance.sample.build import Builder
from compliance.sample.cases import cases
from compliance.sample.words import NAME_FORMS, NAMES

AS_OF = date(2026, 11, 20)
SIZE = 20_000

RULES = {
    "permit-missing",
    "legacy-unfiled",
    "permit-malformed",
    "permit-placeholder",
    "issuer-unknown",
    "permit-not-accepted",
    "permit-below-tier",
    "permit-unregistered",
    "permit-inactive",
    "permit-title-mismatch",
    "permit-producer-mismatch",
    "permit-year-implausible",
    "permit-after-online",
    "other-platform-number",
    "same-operator-number",
    "number-on-several-titles",
    "platform-unqualified",
    "review-missing",
    "reshow-unreviewed",
    "tier-unknown",
    "tier-under-declared",
    "first-screen-unreviewed",
    "private-upload-special-subject",
    "not-a-micro-drama",
    "unmarked-micro-drama",
    "label-missing",
    "label-stale",
    "label-unreadable",
    "label-differs",
    "label-title-differs",
    "ai-notice-missing",
}
"""Contract, section 5."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sample")


@pytest.fixture(scope="module")
def plan(folder: Path) -> Plan:
    return write_sample(folder, SIZE, as_of=AS_OF)


def ask(folder: Path, query: str) -> list[tuple[object, ...]]:
    """Rows of a query in which {titles} stands for that file."""
    files = {name: f"read_parquet('{folder}/{name}.parquet')" for name in RELATIONS}
    return duckdb.sql(query.format(**files)).fetchall()


@pytest.mark.parametrize("relation", RELATIONS)
def test_columns_and_types_are_those_of_the_schema(plan: Plan, folder: Path, relation: str) -> None:
    described = ask(folder, f"DESCRIBE FROM {{{relation}}}")

    assert [(row[0], row[1]) for row in described] == [
        (column.name, column.type.value) for column in RELATIONS[relation].columns
    ]


@pytest.mark.parametrize("relation", RELATIONS)
def test_values_keep_to_the_schema(plan: Plan, folder: Path, relation: str) -> None:
    broken = []
    for column in RELATIONS[relation].columns:
        if not column.nullable:
            broken.append(f"{column.name} IS NULL")
        if column.values:
            broken.append(f"{column.name} NOT IN {column.values}")
        if column.floor is not None:
            broken.append(f"{column.name} < {column.floor}")

    assert ask(folder, f"SELECT count(*) FROM {{{relation}}} WHERE {' OR '.join(broken)}") == [(0,)]


def test_files_say_timestamps_are_wall_time(plan: Plan, folder: Path) -> None:
    online_at = pq.read_schema(folder / "titles.parquet").field("online_at").type

    assert (str(online_at), online_at.tz) == ("timestamp[us]", None)


def test_sizes_are_as_asked_and_as_told(plan: Plan, folder: Path) -> None:
    counted = {name: ask(folder, f"SELECT count(*) FROM {{{name}}}")[0][0] for name in RELATIONS}
    judged = ask(folder, "SELECT count(*) FROM {titles} WHERE status <> 'offline' AND kind <> 'other'")

    assert counted == plan.rows
    assert counted["titles"] == SIZE
    assert [(plan.judged,)] == judged
    assert 0.98 * SIZE < counted["register"] < 1.05 * SIZE
    assert 0.98 * SIZE < counted["labels"] < 1.05 * SIZE
    assert 3.98 * SIZE < counted["episodes"] <= 4 * SIZE
    assert 0.45 * SIZE < counted["placements"] < 0.55 * SIZE


def test_keys_are_unique_and_references_hold(plan: Plan, folder: Path) -> None:
    repeated = ask(folder, "SELECT count(*) - count(DISTINCT title_id) FROM {titles}")
    repeated += ask(folder, "SELECT count(*) - count(DISTINCT placement_id) FROM {placements}")
    strangers = [
        ask(folder, f"SELECT count(*) FROM {{{name}}} ANTI JOIN {{titles}} USING (title_id)")[0]
        for name in ("labels", "episodes", "placements", "dossiers")
    ]

    assert {*repeated, *strangers} == {(0,)}
    assert ask(folder, "SELECT count(*) FROM {titles} ANTI JOIN {platforms} USING (platform)") == [(0,)]


def test_every_rule_is_planted_with_each_of_its_actions(plan: Plan) -> None:
    planted = {(row["rule"], row["outcome"], row["action"]) for row in plan.findings.to_pylist()}

    assert {rule for rule, _, _ in planted} == RULES
    assert {("label-differs", "fail", "block"), ("label-differs", "fail", "hold")} <= planted
    assert {("ai-notice-missing", "fail", "block"), ("ai-notice-missing", "unknown", "hold")} <= planted
    assert all(action == "hold" for _, outcome, action in planted if outcome == "unknown")


def test_findings_concern_one_in_twenty_and_judged_titles_only(plan: Plan, folder: Path) -> None:
    planted = set(plan.findings["title_id"].to_pylist())
    unjudged = ask(folder, "SELECT title_id FROM {titles} WHERE status = 'offline' OR kind = 'other'")
    pairs = list(zip(plan.findings["title_id"].to_pylist(), plan.findings["rule"].to_pylist(), strict=True))

    assert 0.04 * SIZE < len(planted) <= 0.05 * SIZE
    assert planted.isdisjoint(row[0] for row in unjudged)
    assert len(set(pairs)) == len(pairs)


def test_the_same_seed_gives_the_same_rows_and_another_seed_others(plan: Plan, folder: Path, tmp_path: Path) -> None:
    again = write_sample(tmp_path / "again", SIZE, as_of=AS_OF)
    other = write_sample(tmp_path / "other", SIZE, as_of=AS_OF, seed=8)

    for name in plan.rows:
        assert pq.read_table(tmp_path / "again" / f"{name}.parquet") == pq.read_table(folder / f"{name}.parquet")
    assert again == plan
    assert other.findings == plan.findings
    assert pq.read_table(tmp_path / "other" / "titles.parquet") != pq.read_table(folder / "titles.parquet")


def test_a_title_does_not_depend_on_the_chunk_it_is_made_in() -> None:
    builder = Builder(seed=7, size=1_000, as_of=AS_OF)
    whole, part = builder.chunk(0, 1_000).titles, builder.chunk(400, 700).titles

    for column in ("name", "platform", "issuer", "serial", "online_at", "label", "status"):
        assert getattr(whole, column)[400:700].tolist() == getattr(part, column).tolist()


def test_serials_are_unique() -> None:
    builder = Builder(seed=7, size=200_000, as_of=AS_OF)
    everything = np.arange(2 * builder.size)

    assert len(set(builder.serials(everything).tolist())) == 2 * builder.size


def test_an_earlier_day_has_no_violations_of_later_law(tmp_path: Path) -> None:
    early = write_sample(tmp_path, 2_000, as_of=date(2025, 6, 30))

    rules = set(early.findings["rule"].to_pylist())

    assert {"label-title-differs", "ai-notice-missing", "first-screen-unreviewed"}.isdisjoint(rules)
    assert {"permit-missing", "legacy-unfiled", "label-differs"} <= rules
    with pytest.raises(ValueError, match="from 2025-01-01 on, not 2024-12-31"):
        write_sample(tmp_path, 2_000, as_of=date(2024, 12, 31))


def test_a_copy_is_never_planted_without_its_first() -> None:
    planted = cases(AS_OF)

    assert [planted[number - 1].copies for number, case in enumerate(planted) if case.copies] == [False] * 5


def test_names_in_traditional_script_are_the_same_names() -> None:
    assert OpenCC("t2s").convert("\n".join(NAME_FORMS[3])) == "\n".join(NAMES)
    assert len(set(NAMES)) == len(NAMES)
