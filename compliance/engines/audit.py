"""The audit of a whole catalog on the embedded engine: from the catalog to the files of a run."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import duckdb

from compliance.catalog.contract import ContractOutcome, check
from compliance.catalog.parquet import ensure_unchanged
from compliance.catalog.sources import Catalog, open_catalog
from compliance.engines.bits import bits_of
from compliance.engines.duck import canaries, counting, gathering, lookups, measuring, outputs, population
from compliance.engines.duck.rulings import create_rulings
from compliance.engines.duck.session import session
from compliance.engines.duck.waiving import apply_waivers
from compliance.engines.freshness import read_checked
from compliance.engines.incremental.carrying import carrier_of
from compliance.engines.program import judged_by
from compliance.engines.single.building import write_state
from compliance.errors import GateError
from compliance.language import worded
from compliance.policy import Policy
from compliance.rules.loading import load_rules
from compliance.rules.model import Rule
from compliance.rules.under_policy import enabled_rules, needed_relations, parameter_values
from compliance.run_files import write_summary
from compliance.verdicts.summary import Summary
from compliance.verdicts.waivers import NO_WAIVERS, Waivers

Tell = Callable[[str], None]

_STATE_UNASKED = 200_000
"""Up to this many titles a state costs little beside the audit; beyond, it is left only where it is asked for."""


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """What to judge, by which policy, and the folder for the run's files."""

    catalog: str
    folder: Path
    """An empty folder of this run; what it holds is published by the caller, as a whole."""
    as_of: date
    policy: Policy
    run_id: str
    started_at: datetime
    """The instant of the run, wall time in Asia/Shanghai."""
    mapping: Path | None = None
    memory: str = "3GB"
    threads: int | None = None
    engine: str = "duckdb"
    previous_lists: tuple[Path, ...] = ()
    """The last run's block list and the one in force: titles that stay keep their earliest `first_listed_at`."""
    waivers: Waivers = NO_WAIVERS
    details: bool = False
    """Write the hidden files of `duck.population` too, for the reports."""
    incremental: bool = False
    """Judge only what may have changed since the run before, where that is possible."""
    keep: bool = False
    """Keep what the next run needs for that."""
    previous: Path | None = None
    """The folder of the run before, for an incremental audit."""
    state: bool | None = False
    """Write the folder `state` too, by which single titles are decided until the next run; None: if it is small."""

    def __post_init__(self) -> None:
        """Keep those waivers that the policy honours: no engine sees others, nor a run that carries on from this."""
        object.__setattr__(self, "waivers", self.waivers.honoured(self.policy.waivers))


def run_audit(request: AuditRequest, *, progress: Tell, catalog: Catalog | None = None) -> Summary:
    """Judge the catalog and write verdicts, findings, block list, blocked placements, quarantine and summary.

    `catalog` is the request's where it is open already.
    An incremental audit that fails, such as of a damaged state, gives way to a full one.
    Raises CatalogError where the catalog cannot be judged, RunInvalidError where the run contradicts itself.
    """
    source = catalog or open_catalog(request.catalog, mapping=request.mapping)
    try:
        return _run(request, source, progress)
    except (duckdb.Error, GateError) as error:
        if not request.incremental or request.previous is None:
            raise
        progress(worded("增量审核失败，改为全量审核", "the incremental audit failed; judging everything"))
        shutil.rmtree(request.folder)
        request.folder.mkdir()
        return _run(replace(request, previous=None), source, progress, failed=type(error).__name__)


def _run(request: AuditRequest, catalog: Catalog, progress: Tell, failed: str | None = None) -> Summary:
    begun = time.monotonic()
    rules = load_rules()
    enabled = enabled_rules(rules, request.policy)
    spill = request.folder / ".work"
    spill.mkdir()
    with session(spill, memory=request.memory, threads=request.threads) as con, ExitStack() as ending:
        progress(worded("读取片库", "reading the catalog"))
        came_in = check(con, catalog, needed=needed_relations(enabled), staging=spill)
        summary = _judge(con, request, rules, enabled, came_in, begun, progress, failed, ending)
    shutil.rmtree(spill)
    write_summary(request.folder, summary)
    return summary


def _judge(
    con: duckdb.DuckDBPyConnection,
    request: AuditRequest,
    rules: tuple[Rule, ...],
    enabled: tuple[Rule, ...],
    came_in: ContractOutcome,
    begun: float,
    progress: Tell,
    failed: str | None,
    ending: ExitStack,
) -> Summary:
    policy = request.policy
    today = request.started_at.date()
    extracts = read_checked(con, as_of=request.as_of, today=today)
    stale = extracts.stale(policy)
    notes = [f"{relation} is absent from the catalog" for relation in sorted(came_in.absent)] + extracts.notes()
    if came_in.changed:
        notes.append(f"relations may be of different moments: {', '.join(came_in.changed)} changed while being read")
    bits = bits_of(enabled, parameter_values(policy, request.as_of), policy, kind_known=True)
    carrier = None
    if request.incremental or request.keep:
        progress(worded("查找有变化的部分", "finding what has changed"))
        carrier = carrier_of(
            con, came_in, folder=request.folder, policy=policy, as_of=request.as_of, rules=enabled, stale=stale,
            waivers=request.waivers,
        )  # fmt: skip
        ending.callback(carrier.close)
    if carrier is not None and request.incremental:
        notes.append(carrier.narrow(request.previous, failed))
    flock = canaries.release(
        con,
        as_of=request.as_of,
        policy=policy,
        rules=[rule.id for rule in enabled],
        stale=stale,
        run_id=request.run_id,
    )
    lookups.create_lookups(con, policy)
    progress(worded("汇集事实", "gathering facts"))
    gathering.gather_facts(con, policy, request.as_of, stale)
    progress(worded("判定", "judging"))
    create_rulings(con, bits)
    progress(worded("写出结果", "writing the outputs"))
    outputs.create_findings(con, bits)
    apply_waivers(con, bits, request.waivers, request.as_of)
    outputs.create_outputs(con, bits, previous_lists=request.previous_lists, listed_at=request.started_at)
    canaries.recapture(con, flock)
    counting.create_ruled(con)
    if carrier is not None and carrier.before is not None:
        carrier.widen()
        outputs.create_outputs(
            con,
            bits,
            previous_lists=request.previous_lists,
            listed_at=request.started_at,
            carried=carrier.before.run,
        )
    ensure_unchanged(came_in.parts)
    summary = Summary(
        run_id=request.run_id,
        as_of=request.as_of,
        policy=policy.revision,
        counts=counting.count_titles(con, came_in.rows["titles"]),
        rules=counting.count_rules(con, bits, rules, policy),
        regimes=counting.count_regimes(con),
        engine=request.engine,
        seconds=round(time.monotonic() - begun, 3),
        inputs=came_in.rows,
        stale_systems=stale,
        notes=tuple(notes),
        carried_from=carrier.before.run_id if carrier is not None and carrier.before is not None else None,
    )
    summary.prove()
    counting.prove_list(con)
    summary.prove_written(outputs.write_outputs(con, request.folder))
    measuring.write_measures(con, request.folder, came_in, stale)
    if request.previous_lists:
        measuring.write_unlisted(con, request.folder, request.previous_lists)
    if request.details:
        population.write_population(con, request.folder, extracts)
    if request.state or (request.state is None and summary.counts["titles"] <= _STATE_UNASKED):
        progress(worded("写出单剧目判定所需的状态", "writing the state for single titles"))
        mark = judged_by(policy)
        write_state(con, request.folder, as_of=request.as_of, today=today, run_id=request.run_id, judged_by=mark)
    if carrier is not None and request.keep:
        progress(worded("留下下次运行接续所需的状态", "keeping what the next run carries on from"))
        carrier.keep(request.run_id)
    ensure_unchanged(came_in.parts)
    return summary
