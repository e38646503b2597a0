"""One nightly audit from end to end: judge, report, publish. The command line and the jobs start it here."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from compliance import clock
from compliance.blocklist.publication import Lawbook, Publication, Publisher, write_readings
from compliance.blocklist.versions import LIST
from compliance.engines import ENGINES
from compliance.engines.audit import AuditRequest, run_audit
from compliance.engines.incremental.proof import proven_audit
from compliance.engines.spark.cluster import ANYWHERE, Cluster
from compliance.errors import ConfigurationError, GateError
from compliance.language import worded
from compliance.ledger.runs import catch_up
from compliance.ledger.store import Ledger, ledger_in
from compliance.ledger.waivers import waivers_in
from compliance.out_folder import prepare
from compliance.outputs import LABELS, InterruptedRunError, audit_of, current_audit, current_run, new_run_id, run_folder
from compliance.policy import Policy
from compliance.rules.fingerprint import fingerprints
from compliance.rules.loading import load_rules
from compliance.run_files import write_summary
from compliance.verdicts.summary import Summary


@dataclass(frozen=True, slots=True)
class Audit:
    """What to audit, by which policy, and where the outputs go."""

    catalog: str
    """A folder of Parquet files, or an SQLAlchemy URL."""
    out: Path
    as_of: date
    policy: Policy
    mapping: Path | None = None
    memory: str = "3GB"
    threads: int | None = None
    engine: str = "duckdb"
    cluster: Cluster = ANYWHERE
    """Of the engine spark."""
    reports: bool = True
    incremental: bool = False
    """Judge only what may have changed since the last run, and keep what the next one needs to do the same."""
    prove: bool = False
    """Judge everything, tell whether an incremental audit says the same, and keep what the next one needs."""
    state: bool | None = None
    """Leave the state by which `gate check` and `gate serve` decide single titles; None: where the catalog is small."""
    language: str = "zh"
    """The language in which the reports open."""
    publisher: Publisher | None = None
    """Who publishes the list afterwards (`publish`); the guard's readings stand in the reports. None: nobody."""
    evidence: Path | None = None
    """The folder with what was read from videos, whose frames the reports show; None: `labels` in the out folder."""
    ledger: Ledger | None = None
    """By whose waivers to judge, and where the run is recorded; None: the ledger in the out folder."""
    recorded: bool = True
    """False: the ledger is read alone, as for a look at the past."""


class InterruptedAfterwardsError(GateError):
    """The user stopped a run whose outputs were out already (exit 130)."""

    exit_code = InterruptedRunError.exit_code


def audit(wanted: Audit, *, progress: Callable[[str], None]) -> Summary:
    """Judge the catalog, publish every output together and record the run; on any error the previous outputs stand.

    A run that a stopped process left unrecorded is recorded first.
    Raises GateError: what it says, and its exit code, are meant for the user.
    """
    if wanted.engine not in ENGINES:
        raise ConfigurationError(
            worded(f"本版本没有引擎 {wanted.engine}", f"there is no engine {wanted.engine} in this version"),
            remedy=worded(f"可选：{'、'.join(ENGINES)}", f"choose one of: {', '.join(ENGINES)}"),
        )
    _refuse_what_only_duckdb_does(wanted)
    prepare(wanted.out)
    ledger = wanted.ledger or ledger_in(wanted.out)
    if wanted.recorded:
        catch_up(ledger, current_audit(wanted.out), memory=wanted.memory, threads=wanted.threads)
    now = clock.now()
    run_id = new_run_id(now)
    in_force = wanted.publisher.in_force() if wanted.publisher is not None else None
    earlier = [wanted.out / "block_list.parquet"] + (
        [in_force.folder / LIST] if in_force is not None and in_force.is_whole(LIST) else []
    )
    with run_folder(wanted.out, run_id) as folder:
        summary = _run(
            wanted,
            AuditRequest(
                catalog=wanted.catalog,
                folder=folder,
                as_of=wanted.as_of,
                policy=wanted.policy,
                run_id=run_id,
                started_at=now.astimezone(clock.SHANGHAI).replace(tzinfo=None),
                previous_lists=tuple(path for path in earlier if path.exists()),
                waivers=waivers_in(ledger),
                mapping=wanted.mapping,
                memory=wanted.memory,
                threads=wanted.threads,
                engine=wanted.engine,
                incremental=wanted.incremental and not wanted.prove,
                keep=wanted.incremental or wanted.prove,
                previous=current_audit(wanted.out),
                details=wanted.reports,
                state=wanted.state,
            ),
            progress,
        )
        if wanted.publisher is not None:
            write_readings(folder, wanted.publisher)
        if wanted.reports:
            from compliance import reports

            progress(worded("生成报告", "writing the reports"))
            reports.write_changes(folder, current_audit(wanted.out))
            background = reports.background_of(ledger, run_id, wanted.evidence or wanted.out / LABELS)
            if not wanted.recorded:
                background = replace(background, past=())  # the ledger's runs may be of later days
            unread = reports.render_reports(folder, load_rules(), wanted.policy, wanted.language, background=background)
            if unread is not None:
                summary = replace(summary, notes=(*summary.notes, reports.without_frames(unread)))
                write_summary(folder, summary)
        progress(worded("发布结果", "publishing"))
    if wanted.recorded:
        progress(worded("记入台账", "recording the run"))
        catch_up(ledger, current_audit(wanted.out), memory=wanted.memory, threads=wanted.threads)
    return summary


@contextlib.contextmanager
def telling_what_stands(out: Path, publisher: Publisher | None) -> Iterator[None]:
    """For an audit or a scan and its publication: nobody whom Ctrl-C stops is to think that nothing has come of them.

    `publisher`: None where the list is not to be published here.
    Raises InterruptedAfterwardsError on Ctrl-C where the outputs are out already.
    """
    before = current_run(out)
    try:
        yield
    except KeyboardInterrupt:
        run = current_run(out)
        if run is None or run == before:
            raise
        raise _afterwards(out, run, publisher) from None


def _afterwards(out: Path, run: Path, publisher: Publisher | None) -> InterruptedAfterwardsError:
    in_force = publisher.in_force() if publisher is not None else None
    if publisher is None or (in_force is not None and in_force.said["run_id"] == run.name):
        return InterruptedAfterwardsError(
            worded(f"已中断：{run.name} 的结果已写入 {out}", f"interrupted: the outputs of {run.name} stand in {out}")
        )
    return InterruptedAfterwardsError(
        worded(
            f"已中断：{run.name} 的结果已写入 {out}，但其拦截名单尚未生效",
            f"interrupted: the outputs of {run.name} stand in {out}, but its block list is not in force",
        ),
        remedy=worded(
            f"发布名单：gate blocklist publish --out {out}", f"publish the list: gate blocklist publish --out {out}"
        ),
    )


def _refuse_what_only_duckdb_does(wanted: Audit) -> None:
    asked = [
        option
        for option, given in (
            ("--state", wanted.state),
            ("--incremental", wanted.incremental),
            ("--prove-incremental", wanted.prove),
        )
        if given
    ]
    if asked and wanted.engine != "duckdb":
        options = ", ".join(asked)
        raise ConfigurationError(
            worded(f"引擎 {wanted.engine} 不支持 {options}", f"the engine {wanted.engine} knows no {options}"),
            remedy=worded("去掉这些选项，或用引擎 duckdb", "leave these options out, or use the engine duckdb"),
        )


def _run(wanted: Audit, request: AuditRequest, progress: Callable[[str], None]) -> Summary:
    if wanted.engine == "duckdb":
        return (proven_audit if wanted.prove else run_audit)(request, progress=progress)
    if wanted.engine == "postgres":
        from compliance.engines.postgres.audit import run_audit as run_inside

        return run_inside(request, progress=progress)
    from compliance.engines.spark.audit import run_audit as run_distributed

    return run_distributed(request, wanted.cluster, progress=progress)


def publish(publisher: Publisher, out: Path, policy: Policy) -> Publication:
    """Propose the list of the last run in an out folder; the guard holds it or lets it pass.

    Raises GateError; then the list before stays in force.
    """
    return publisher.propose(_listed_by(out), _lawbook(policy))


def publish_scan(publisher: Publisher, out: Path, policy: Policy) -> Publication | None:
    """Propose the list that a scan has refreshed. None: it is the one in force, or there was no audit yet.

    A list that is held already is not proposed once more, unless the guard would let it pass by now.
    Raises GateError; then the list before stays in force.
    """
    if current_audit(out) is None:
        return None
    return publisher.propose_anew(_listed_by(out), _lawbook(policy))


def _listed_by(out: Path) -> Path:
    """The current run, be it a scan that stands on an audit. Raises ConfigurationError where nothing was audited."""
    run = current_run(out)
    if run is None or audit_of(run) is None:
        raise ConfigurationError(
            worded(f"{out} 中没有审核结果", f"{out} holds no audit"),
            remedy=worded(
                "先运行 gate audit，或用 --out 指定其输出文件夹",
                "run `gate audit` first, or name its folder with --out",
            ),
        )
    return run


def _lawbook(policy: Policy) -> Lawbook:
    return Lawbook(policy.revision, fingerprints(load_rules(), policy))
