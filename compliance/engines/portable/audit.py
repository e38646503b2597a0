"""The portable audit from what a catalog holds to the files of a run: one way through for every engine."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from compliance.catalog.sources import literal
from compliance.embedded import connect
from compliance.engines.audit import AuditRequest
from compliance.engines.bits import Bit, bits_of
from compliance.engines.duck.measuring import UNLISTED
from compliance.engines.duck.population import LISTED, POPULATION, PRODUCERS
from compliance.engines.freshness import read_extracts
from compliance.engines.portable import canaries, counting, lookups, outputs
from compliance.engines.portable.coercion import Kind
from compliance.engines.portable.contract import check, no_rows
from compliance.engines.portable.engine import Engine, Writer
from compliance.engines.portable.readings import readings
from compliance.engines.portable.rulings import rulings_select
from compliance.engines.portable.steps import take_steps
from compliance.files import remove
from compliance.language import worded
from compliance.outputs import MEASURES
from compliance.rules.loading import load_rules
from compliance.rules.under_policy import enabled_rules, needed_relations, parameter_values
from compliance.run_files import write_summary
from compliance.verdicts.summary import Summary

Tell = Callable[[str], None]

_SPILL = ".spill"


@dataclass(frozen=True, slots=True)
class Held:
    """A catalog that an engine holds: relations defined as `source_<relation>`, and the kinds of their columns."""

    where: str
    """The catalog as shown in messages: without a password."""
    relations: Mapping[str, Mapping[str, Kind]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the facts are gathered, and where the files are made of the rulings; often the same engine."""

    source: Engine
    tail: Writer
    carry: Callable[[str, str], None]
    """Gives a SELECT of the source a name in the tail, its rows kept."""
    tell: Callable[[str, str], None]
    """Gives a SELECT of the tail a name in the source; for ids of titles with findings."""


def audit(place: Place, catalog: Held, request: AuditRequest, *, progress: Tell) -> Summary:
    """Judge the catalog and write the run's files. Raises as `run_audit` of the embedded engine does."""
    begun = time.monotonic()
    source, tail, policy = place.source, place.tail, request.policy
    rules = load_rules()
    enabled = enabled_rules(rules, policy)
    progress(worded("核对片库", "checking the catalog"))
    came_in = check(source, catalog.relations, where=catalog.where, needed=needed_relations(enabled))
    bits = bits_of(enabled, parameter_values(policy, request.as_of), policy)
    source.define("register", "SELECT * FROM sound_register")
    extracts = read_extracts(source.rows, as_of=request.as_of, today=request.started_at.date())
    stale = extracts.stale(policy)
    flock = canaries.release(
        source,
        as_of=request.as_of,
        policy=policy,
        rules=[rule.id for rule in enabled],
        stale=stale,
        run_id=request.run_id,
    )
    progress(worded("采集事实并判定", "gathering facts and judging"))
    issuers = lookups.give_lookups(source, policy)
    take_steps(source, policy, request.as_of, stale, readings(policy, issuers))
    place.carry("rulings", rulings_select(bits))
    progress(worded("写出结果", "writing the outputs"))
    _make_outputs(place, bits, request, some_held=bool(came_in.quarantined))
    canaries.prove(tail, flock)
    _write_outputs(tail, request)
    counted = counting.tally(tail, bits, some_held=bool(came_in.quarantined))
    population, hit = counting.count_source(source), counting.placements_hit(tail)
    summary = Summary(
        run_id=request.run_id,
        as_of=request.as_of,
        policy=policy.revision,
        counts=counting.count_titles(source, counted, population, came_in.rows["titles"], came_in.quarantined),
        rules=counting.count_rules(counted, bits, rules, policy),
        regimes=counting.count_regimes(counted),
        engine=request.engine,
        seconds=round(time.monotonic() - begun, 3),
        inputs=came_in.rows,
        stale_systems=stale,
        notes=(
            *(f"{relation} is absent from the catalog" for relation in sorted(came_in.absent)),
            *extracts.notes(),
        ),
    )
    summary.prove()
    _write_json(request.folder / MEASURES, counting.measures(counted, population, hit, came_in.rows, stale))
    if request.previous_lists:
        _write_unlisted(place, request)
    if request.details:
        _write_details(place, request)
        _write_json(request.folder / POPULATION, counting.population(source, counted, population, hit, extracts))
    write_summary(request.folder, summary)
    remove(request.folder / _SPILL)
    return summary


def _make_outputs(place: Place, bits: Sequence[Bit], request: AuditRequest, *, some_held: bool) -> None:
    """The relations that the files are written from."""
    if some_held:
        place.carry("held", _HELD)
        place.carry("quarantined", 'SELECT relation, title_id, "row", reason FROM quarantine')
    else:
        place.tail.define("held", no_rows(_OF_HELD))
        place.tail.define("quarantined", no_rows(dict.fromkeys(("relation", "title_id", "row", "reason"), "VARCHAR")))
    outputs.define_outputs(place.tail, bits, request.waivers, request.as_of)
    place.tail.define(
        "seen_titles",
        "SELECT title_id FROM rulings WHERE fails <> 0 OR unknown <> 0 UNION SELECT title_id FROM held",
    )
    place.tell("titles_with_findings", "SELECT title_id FROM seen_titles")
    place.carry(
        "listed_placements",
        "SELECT p.placement_id, p.title_id, p.slot FROM active_placements AS p"
        " WHERE EXISTS (SELECT 1 FROM titles_with_findings AS t WHERE t.title_id = p.title_id)",
    )
    place.tail.define(
        "blocked_placements",
        "SELECT p.placement_id, p.title_id, p.slot, b.rules FROM listed_placements AS p"
        " JOIN listed AS b ON b.title_id = p.title_id WHERE b.decision = 'block'",
    )


_HELD = """
SELECT h.title_id, MIN(t.platform) AS platform,
    CASE WHEN COUNT(CASE WHEN t.status = 'online' THEN 1 END) > 0 THEN 'on_air' ELSE 'prepublish' END AS stage,
    MIN(t.name) AS name, MIN(t.producer) AS producer, MIN(t.form) AS form,
    MIN(CASE WHEN t.online_at >= TIMESTAMP '0001-01-01' AND t.online_at < TIMESTAMP '9999-12-31' THEN t.online_at END)
        AS online_at
FROM held_titles AS h
LEFT JOIN (
    SELECT title_id, platform, status, name, producer, form, online_at FROM bad_titles
    UNION ALL
    SELECT title_id, platform, status, name, producer, form, online_at FROM sound_titles
) AS t ON t.title_id = h.title_id
GROUP BY h.title_id"""
_OF_HELD = dict.fromkeys(("title_id", "platform", "stage", "name", "producer", "form"), "VARCHAR")
_OF_HELD["online_at"] = "TIMESTAMP"
# Of several rows with one key the one nearest to the audience tells the stage.


def _write_outputs(tail: Writer, request: AuditRequest) -> None:
    folder, without = request.folder, outputs.without_canaries
    tail.write(without("verdicts"), folder / "verdicts.parquet")
    finding = "title_id, rule, outcome, action, stage, regime, clause, evidence"
    tail.write(f"SELECT {finding} FROM ({without('findings')}) AS f", folder / "findings.parquet")
    tail.write(without("blocked_placements"), folder / "blocked_placements.parquet", order="placement_id, title_id")
    tail.write("SELECT * FROM quarantined", folder / "quarantine.parquet", order='relation, title_id, reason, "row"')
    tail.write(without("waived"), folder / "waived.parquet", order="title_id, rule")
    work = folder / ".listed-now"
    tail.write(without("listed"), work)
    with _local(request) as con:
        _write_block_list(con, work, request)


def _local(request: AuditRequest) -> duckdb.DuckDBPyConnection:
    """For the files that are one: read from part files and sorted within bounds of memory."""
    spill = str(request.folder / _SPILL)
    return connect({"memory_limit": request.memory, "temp_directory": spill})


def _write_block_list(con: duckdb.DuckDBPyConnection, listed: Path, request: AuditRequest) -> None:
    """The list as one file, each title with the day it was first on one of the earlier lists."""
    previous = "SELECT NULL::VARCHAR AS title_id, NULL::TIMESTAMP AS first_listed_at WHERE FALSE"
    if request.previous_lists:
        previous = f"SELECT title_id, MIN(first_listed_at) AS first_listed_at FROM {_lists(request)} GROUP BY title_id"
    at = literal(request.started_at.isoformat(sep=" "))
    con.execute(f"""
CREATE VIEW block_list AS
SELECT v.title_id, v.platform, v.decision, v.stage, v.rules, v.permit,
    COALESCE(p.first_listed_at, CAST({at} AS TIMESTAMP)) AS first_listed_at
FROM {_read(listed)} AS v LEFT JOIN ({previous}) AS p USING (title_id)
ORDER BY title_id""")
    con.execute(
        f"COPY (FROM block_list) TO {_path(request, 'block_list.parquet')} (FORMAT parquet, COMPRESSION snappy)"
    )
    as_text = "SELECT * REPLACE (array_to_string(rules, ';') AS rules) FROM block_list ORDER BY title_id"
    con.execute(f"COPY ({as_text}) TO {_path(request, 'block_list.csv')} (FORMAT csv, HEADER)")
    remove(listed)


def _write_unlisted(place: Place, request: AuditRequest) -> None:
    """What became of the titles that earlier lists have and this one has not."""
    with _local(request) as con:
        gone = con.sql(
            f"SELECT DISTINCT e.title_id FROM {_lists(request)} AS e"
            f" ANTI JOIN read_parquet({_path(request, 'block_list.parquet')}) AS b USING (title_id)"
        ).to_arrow_table()
    place.source.give("no_longer_listed", gone)
    place.carry(
        "unlisted",
        "SELECT e.title_id, t.status, t.kind, t.updated_at FROM no_longer_listed AS e"
        " LEFT JOIN sound_titles AS t ON t.title_id = e.title_id",
    )
    place.tail.write("SELECT * FROM unlisted", request.folder / UNLISTED, order="title_id", single=True)


def _write_details(place: Place, request: AuditRequest) -> None:
    """The hidden files that only reports read: see `duck.population`."""
    tail, folder = place.tail, request.folder
    tail.define(
        "listed_titles",
        f"""
SELECT title_id, seen_name AS name, platform, seen_producer AS producer, seen_form AS form, seen_online_at AS online_at
FROM ({outputs.without_canaries("rulings")}) AS r WHERE fails <> 0 OR unknown <> 0
UNION ALL
SELECT title_id, name, platform, producer, form, online_at FROM held""",
    )
    no_slots = "CAST([] AS VARCHAR[])"
    tail.write(
        f"""
SELECT t.title_id, t.name, t.platform, t.producer, t.form, t.online_at, COALESCE(p.slots, {no_slots}) AS slots
FROM listed_titles AS t
LEFT JOIN (
    SELECT title_id, LIST_SORT(LIST(DISTINCT slot)) AS slots FROM listed_placements GROUP BY title_id
) AS p ON p.title_id = t.title_id""",
        folder / LISTED,
        order="title_id",
    )
    place.tell("listed_producers", "SELECT DISTINCT producer FROM listed_titles WHERE producer IS NOT NULL")
    place.carry(
        "producers",
        "SELECT t.producer, COUNT(*) AS judged FROM sound_titles AS t"
        " WHERE t.kind <> 'other' AND t.status <> 'offline'"
        " AND EXISTS (SELECT 1 FROM listed_producers AS p WHERE p.producer = t.producer) GROUP BY t.producer",
    )
    tail.write("SELECT * FROM producers", folder / PRODUCERS, order="producer")


def _lists(request: AuditRequest) -> str:
    return f"read_parquet([{', '.join(literal(str(path)) for path in request.previous_lists)}])"


def _read(folder: Path) -> str:
    return f"read_parquet({literal(str(folder))})"


def _path(request: AuditRequest, name: str) -> str:
    return literal(str(request.folder / name))


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
