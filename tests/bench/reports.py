"""The reports of a run beside the audit that made it."""

from __future__ import annotations

from importlib.util import find_spec

from tests.bench.audits import FOUND, GATE, emptied, gate_audit
from tests.bench.catalogs import AS_OF, HOME, Sample, sample, short
from tests.bench.measuring import Work, in_turn, measure
from tests.bench.table import Row, timed

BAR = 1.0


def reports(titles: int, rounds: int) -> Row:
    """Page, workbook and PDF (where it is installed) as a process of their own, beside the audit without reports."""
    catalog = sample(titles)
    catalog.warm()
    run = HOME / "out-reported"
    measure(_reported_audit(catalog))
    paper = ["--pdf"] if find_spec("typst") else []
    command = [GATE, "report", str(run), *paper, "--to", str(HOME / "out-reports")]
    audit, _ = gate_audit(catalog)
    pairs = in_turn(Work("gate report", command), audit, rounds)
    work = f"reports, {short(titles)} titles: HTML, Excel{', PDF' if paper else ''} (peer: the audit)"
    return timed(work, pairs, BAR)


def _reported_audit(of: Sample) -> Work:
    """The run that is reported: an audit that leaves what only reports need."""
    run = HOME / "out-reported"
    command = [GATE, "audit", "--catalog", str(of.catalog), "--out", str(run), "--as-of", str(AS_OF)]
    return Work("gate audit with reports", command, lambda: emptied(run), exits=FOUND)
