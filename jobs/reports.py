"""Every morning: the reports of the current run again, and as a PDF, with waivers and evidence as they are by then."""

from __future__ import annotations

from importlib.util import find_spec

from compliance import reports
from compliance.cli.evidence import folder_for
from compliance.cli.language import Message, language
from compliance.cli.ledgers import ledger_for
from compliance.errors import EXIT_CLEAR, EXIT_INCOMPLETE
from compliance.kept_runs import amended, find_run
from compliance.language import worded
from compliance.outputs import current_audit
from compliance.rules.loading import load_rules
from compliance.run_files import read_summary
from jobs.clockwork.model import Concern, Job, Outcome, Terms, Work


def work(asked: Work) -> Outcome:
    """Write page and workbook, and where the extra `pdf` is installed `report.pdf`, into the current run."""
    if current_audit(asked.out) is None:
        nothing = Concern(worded("没有可出报告的运行", "there is no run to report on"))
        return Outcome(EXIT_INCOMPLETE, {"reports": 0}, concerns=(nothing,))
    config, run = asked.config, find_run(str(asked.out), asked.out)
    ledger = ledger_for(config, asked.out)
    summary = read_summary(run.folder)
    background = reports.background_of(
        ledger if ledger.exists() else None, summary["run_id"], folder_for(config, asked.out)
    )
    pdf = find_spec("typst") is not None
    asked.tell(worded("写出报告", "writing the reports"))
    with amended(run) as target:
        reports.render_reports(
            run.folder, load_rules(), config.policy, language(), background=background, into=target, pdf=pdf
        )
    return Outcome(EXIT_CLEAR, {"reports": 3 if pdf else 2}, summary["run_id"])


JOB = Job(
    "reports",
    Message("按最新的豁免与取证重新生成报告，并出 PDF", "write the reports again, and as a PDF"),
    Terms("0 7 * * *"),
    work,
    lease="publication",
)
