"""The contract check over small Parquet catalogs: what is clean, what is set aside, what stops the run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from compliance.catalog.contract import ContractOutcome, check
from compliance.catalog.schema import RELATIONS
from compliance.catalog.sources import open_catalog
from compliance.errors import CatalogError
from compliance.permits.sql import register_functions
from tests.catalogs import table, write_catalog

NEEDED: Mapping[str, Sequence[str]] = {
    "labels": ["label-missing", "label-stale"],
    "episodes": ["ai-notice-missing"],
    "placements": ["first-screen-unreviewed"],
}


class Judged:
    """A checked catalog, for asking."""

    def __init__(self, folder: Path, needed: Mapping[str, Sequence[str]] = NEEDED) -> None:
        self.con = duckdb.connect()
        register_functions(self.con)
        self.outcome: ContractOutcome = check(
            self.con, open_catalog(str(folder)), needed=needed, staging=folder / "staging"
        )

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return self.con.execute(query).fetchall()

    def column(self, query: str) -> list[Any]:
        return [value for (value,) in self.ask(query)]

    @property
    def quarantine(self) -> list[tuple[Any, ...]]:
        return self.ask("SELECT relation, title_id, reason FROM quarantine ORDER BY ALL")

    @property
    def held(self) -> list[str]:
        return self.column("SELECT title_id FROM held_titles ORDER BY 1")


def complaint(folder: Path, needed: Mapping[str, Sequence[str]] = NEEDED) -> CatalogError:
    """The error that the catalog's check ends with."""
    with pytest.raises(CatalogError) as caught:
        Judged(folder, needed)
    assert caught.value.exit_code == 3
    return caught.value


def test_a_valid_catalog_is_clean_and_typed(tmp_path: Path) -> None:
    judged = Judged(write_catalog(tmp_path))
    assert judged.outcome == ContractOutcome(
        rows={
            "titles": 1, "register": 1, "platforms": 1, "issuers": 0,
            "labels": 1, "episodes": 2, "placements": 0, "dossiers": 0,
        },
        quarantined={},
        absent=frozenset({"issuers", "dossiers"}),
    )  # fmt: skip
    assert (judged.quarantine, judged.held) == ([], [])
    for relation in RELATIONS.values():
        described = [(name, type_) for name, type_, *_ in judged.ask(f"DESCRIBE {relation.name}")]
        assert described == [(column.name, column.type.value) for column in relation.columns]


AT = datetime(2026, 11, 1)  # noqa: DTZ001 - wall time


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"name": None}, "name is empty"),
        ({"promoted": None}, "promoted is empty"),
        ({"platform": ""}, "platform is empty"),
        ({"platform": "nowhere"}, "platform does not stand in platforms, or its row there is bad"),
        ({"online_at": None}, "online_at is empty, but status is scheduled or online"),
        ({"online_at": None, "status": "scheduled"}, "online_at is empty, but status is scheduled or online"),
        ({"investment_yuan": -1}, "investment_yuan is below 0"),
        ({"episode_count": -1}, "episode_count is below 0"),
        ({"longest_episode_s": -1}, "longest_episode_s is below 0"),
        ({"voluntary_tier": 0}, "voluntary_tier is below 1"),
        ({"voluntary_tier": 3}, "voluntary_tier is above 2"),
        ({"declared_tier": 4}, "declared_tier is above 3"),
        ({"online_at": datetime(1, 1, 1)}, "online_at lies before 1990 or after 2100"),  # noqa: DTZ001 - wall time
        ({"reviewed_at": datetime(1989, 12, 31, 23, 59, 59)}, "reviewed_at lies before 1990 or after 2100"),  # noqa: DTZ001 - wall time
        ({"updated_at": datetime(2101, 1, 1)}, "updated_at lies before 1990 or after 2100"),  # noqa: DTZ001 - wall time
        ({"taken_down_at": datetime(9999, 12, 31)}, "taken_down_at lies before 1990 or after 2100"),  # noqa: DTZ001 - wall time
    ],
)  # fmt: skip
def test_a_bad_title_is_set_aside_and_held(tmp_path: Path, cells: dict[str, Any], reason: str) -> None:
    judged = Judged(write_catalog(tmp_path, titles=[{"title_id": "good"}, {"title_id": "bad", **cells}]))
    assert judged.quarantine == [("titles", "bad", reason)]
    assert judged.held == ["bad"]
    assert judged.column("SELECT title_id FROM titles") == ["good"]
    assert judged.outcome.quarantined == {"titles": 1}


@pytest.mark.parametrize(
    "cells",
    [
        {"online_at": None, "status": "draft"},
        {"investment_yuan": 0, "episode_count": 0, "longest_episode_s": 0},
        {"investment_yuan": None, "voluntary_tier": 2, "declared_tier": 3},
        {"online_at": datetime(1990, 1, 1), "updated_at": datetime(2100, 12, 31, 23, 59, 59)},  # noqa: DTZ001 - wall time
        {"name": ""},
        {"name": "剧\x00名\u202e\U0001f600", "permit_number": "9" * 10_000},
    ],
)
def test_a_title_on_the_right_side_of_each_bound_is_clean(tmp_path: Path, cells: dict[str, Any]) -> None:
    judged = Judged(write_catalog(tmp_path, titles=[{"title_id": "t1", **cells}]))
    assert judged.quarantine == []
    names = ", ".join(cells)
    assert judged.ask(f"SELECT {names} FROM titles") == [tuple(cells.values())]


def test_all_reasons_of_a_row_stand_together(tmp_path: Path) -> None:
    judged = Judged(write_catalog(tmp_path, titles=[{"title_id": "t1", "investment_yuan": -5, "platform": "x"}]))
    ((row, reason),) = judged.ask('SELECT "row", reason FROM quarantine')
    assert reason == "investment_yuan is below 0; platform does not stand in platforms, or its row there is bad"
    assert json.loads(row)["investment_yuan"] == -5


def test_every_row_of_a_repeated_key_is_bad(tmp_path: Path) -> None:
    titles = [{"title_id": "t1"}, {"title_id": "t1", "name": "另一部"}, {"title_id": "t2"}]
    judged = Judged(write_catalog(tmp_path, titles=titles))
    assert judged.quarantine == [("titles", "t1", "title_id is repeated")] * 2
    assert (judged.held, judged.column("SELECT title_id FROM titles")) == (["t1"], ["t2"])


def test_titles_without_an_id_are_set_aside_and_nobody_is_held(tmp_path: Path) -> None:
    judged = Judged(
        write_catalog(tmp_path, titles=[{"title_id": None}, {"title_id": ""}, {"title_id": ""}, {"title_id": "t1"}])
    )
    assert judged.quarantine == [("titles", None, "title_id is empty")] * 3
    assert judged.held == []


def test_titles_of_a_bad_platform_are_held(tmp_path: Path) -> None:
    platforms = [
        {"platform": "a"},
        {"platform": "b"},
        {"platform": "b"},
        {"platform": "c", "valid_until": date(9999, 1, 1)},
    ]
    titles = [{"title_id": name, "platform": name} for name in "abc"]
    judged = Judged(write_catalog(tmp_path, titles=titles, platforms=platforms))
    assert [row[:2] for row in judged.quarantine] == [
        ("platforms", None), ("platforms", None), ("platforms", None), ("titles", "b"), ("titles", "c"),
    ]  # fmt: skip
    assert (judged.held, judged.column("SELECT title_id FROM titles")) == (["b", "c"], ["a"])


@pytest.mark.parametrize(
    ("relation", "cells"),
    [
        ("labels", {"confidence": 1.5}),
        ("labels", {"read_at": None}),
        ("episodes", {"duration_s": -1}),
        ("placements", {"ends_at": datetime(2200, 1, 1)}),  # noqa: DTZ001 - wall time
        ("dossiers", {"episode_count": -1}),
    ],
)
def test_a_bad_row_about_a_title_holds_it_and_leaves_it_among_the_titles(
    tmp_path: Path, relation: str, cells: dict[str, Any]
) -> None:
    judged = Judged(write_catalog(tmp_path, **{relation: [{"title_id": "t1", **cells}, {"title_id": "gone", **cells}]}))
    assert [row[:2] for row in judged.quarantine] == [(relation, "gone"), (relation, "t1")]
    assert (judged.held, judged.column("SELECT title_id FROM titles")) == (["t1"], ["t1"])


def test_titles_that_are_never_judged_are_not_held(tmp_path: Path) -> None:
    titles = [
        {"title_id": "offline", "status": "offline", "investment_yuan": -1},
        {"title_id": "other", "kind": "other", "investment_yuan": -1},
        {"title_id": "drama", "kind": "drama", "investment_yuan": -1},
        {"title_id": "unsaid", "kind": None},
    ]
    judged = Judged(write_catalog(tmp_path, titles=titles))
    assert [row[1] for row in judged.quarantine] == ["drama", "offline", "other", "unsaid"]
    assert judged.held == ["drama", "unsaid"]


def test_an_issuer_may_be_repeated_but_not_contradicted(tmp_path: Path) -> None:
    issuers = [
        {"short_name": "甲"}, {"short_name": "甲"},
        {"short_name": "乙", "operator": ""}, {"short_name": "乙", "operator": None},
        {"short_name": "丙", "level": "province"}, {"short_name": "丙"},
        {"short_name": "红薯", "operator": "一家"}, {"short_name": "紅薯 ", "operator": "另一家"},
    ]  # fmt: skip
    judged = Judged(write_catalog(tmp_path, issuers=issuers))
    assert judged.column("SELECT short_name FROM issuers ORDER BY 1") == ["乙", "甲"]
    assert judged.outcome.quarantined == {"issuers": 4}


def test_an_empty_text_means_null_where_null_is_allowed(tmp_path: Path) -> None:
    judged = Judged(write_catalog(tmp_path, titles=[{"title_id": "t1", "permit_number": "", "producer": ""}]))
    assert judged.ask("SELECT permit_number, producer FROM titles") == [(None, None)]


@pytest.mark.parametrize("others", [[], [0.5, 0.9], [0.5, 2.0]], ids=str)
def test_not_a_number_means_null_whatever_else_the_file_holds(others: Sequence[float], tmp_path: Path) -> None:
    labels = [{"title_id": "t1", "confidence": value} for value in (float("nan"), *others)]
    judged = Judged(write_catalog(tmp_path, titles=[{"title_id": "t1"}], labels=labels))
    good = [value for value in others if value <= 1]
    assert judged.column("SELECT confidence FROM labels ORDER BY 1 NULLS FIRST") == [None, *good]


@pytest.mark.parametrize("relation", ["titles", "register", "platforms"])
def test_what_everything_needs_must_be_there(tmp_path: Path, relation: str) -> None:
    error = complaint(write_catalog(tmp_path, **{relation: None}))
    assert error.problems == (f"{relation} is missing: nothing can be judged without it",)


@pytest.mark.parametrize("relation", ["titles", "register"])
def test_an_empty_relation_is_as_good_as_none_for_titles_and_register(tmp_path: Path, relation: str) -> None:
    error = complaint(write_catalog(tmp_path, **{relation: []}))
    assert error.problems == (f"{relation} is empty: nothing can be judged without it",)


def test_a_missing_relation_names_the_rules_to_turn_off(tmp_path: Path) -> None:
    write_catalog(tmp_path, labels=None, placements=None)
    assert complaint(tmp_path).problems == (
        "labels is missing, and these rules need it: label-missing, label-stale"
        " → add it, or turn them off under [rules.off], each with a reason",
        "placements is missing, and these rules need it: first-screen-unreviewed"
        " → add it, or turn them off under [rules.off], each with a reason",
    )
    assert Judged(tmp_path, {"episodes": ["ai-notice-missing"]}).outcome.rows["labels"] == 0


def test_empty_episodes_labels_and_placements_are_fine(tmp_path: Path) -> None:
    judged = Judged(write_catalog(tmp_path, episodes=[], labels=[], placements=[]))
    assert judged.ask("SELECT count(*) FROM labels") == [(0,)]


def test_unknown_words_stop_the_run_all_at_once(tmp_path: Path) -> None:
    titles = [
        {"title_id": "t1", "kind": "mini\u202e"},
        {"title_id": "t2", "kind": ""},
        {"title_id": "t3", "status": "live"},
    ]
    assert complaint(write_catalog(tmp_path, titles=titles, labels=[{"channel": "Overlay"}])).problems == (
        'titles.kind: 2 rows hold an unknown word, such as "", "mini\\u202e" → use micro_drama drama other',
        'titles.status: 1 row holds an unknown word, such as "live" → use draft scheduled online offline',
        'labels.channel: 1 row holds an unknown word, such as "Overlay" → use burned_in overlay detail_page',
    )


def test_what_statistics_tell_of_filled_columns_is_what_the_rows_have(tmp_path: Path) -> None:
    given = [
        {"title_id": "1", "producer": "", "investment_yuan": 5, "online_at": None, "status": "draft", "subjects": None},
        {
            "title_id": "2",
            "producer": "甲",
            "investment_yuan": None,
            "online_at": None,
            "status": "draft",
            "subjects": "爱情",
        },
        {
            "title_id": "3",
            "producer": None,
            "investment_yuan": 7,
            "online_at": None,
            "status": "draft",
            "subjects": "爱情",
        },
    ]
    folder = write_catalog(tmp_path, titles=given)
    (folder / "titles").mkdir()
    (folder / "titles.parquet").rename(folder / "titles" / "a.parquet")
    as_floats = table("titles", [{"title_id": "4", "investment_yuan": 3}, {"title_id": "5", "investment_yuan": None}])
    place = as_floats.schema.get_field_index("investment_yuan")
    as_floats = as_floats.set_column(place, "investment_yuan", as_floats["investment_yuan"].cast(pa.float64()))
    pq.write_table(as_floats, folder / "titles" / "b.parquet")
    judged = Judged(folder)
    assert judged.quarantine == []
    known = judged.outcome.filled["titles"]
    assert not {"producer", "investment_yuan"} & set(known), "an empty text is no value, a float is read otherwise"
    assert {"online_at", "subjects", "voluntary_tier", "permit_number"} <= set(known)
    counts = ", ".join(f"count({name})" for name in known)
    assert judged.ask(f"SELECT {counts} FROM titles") == [tuple(known.values())]


def test_statistics_tell_nothing_of_a_relation_with_bad_rows(tmp_path: Path) -> None:
    judged = Judged(write_catalog(tmp_path, titles=[{"title_id": "1"}, {"title_id": "2"}, {"title_id": "2"}]))
    assert judged.outcome.quarantined == {"titles": 2}
    assert "titles" not in judged.outcome.filled
    assert "register" in judged.outcome.filled
