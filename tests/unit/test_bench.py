"""The bench believes no time before it has seen the right findings, and the peer it measures against is right."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from compliance.sample import write_sample
from tests.bench.catalogs import AS_OF, Sample
from tests.bench.correctness import WrongFindings, prove_gate, prove_peer
from tests.bench.measuring import Cost, Pairs
from tests.bench.peers import tuned_duckdb
from tests.bench.table import BEGIN, END, Row, write


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    home = tmp_path_factory.mktemp("bench")
    plan = write_sample(home / "catalog", 20_000, as_of=AS_OF)
    plan.write(home / "plan.parquet")
    (home / "plan.json").write_text(json.dumps({"judged": plan.judged}))
    return Sample(20_000, home)


def outputs(sample: Sample, folder: Path, findings: pa.Table) -> Path:
    """What an audit with these findings would leave."""
    pq.write_table(findings, folder / "findings.parquet")
    pq.write_table(
        pa.table({"title_id": [str(number) for number in range(sample.judged)]}), folder / "verdicts.parquet"
    )
    return folder


def test_the_peer_finds_what_is_planted(sample: Sample, tmp_path: Path) -> None:
    tuned_duckdb.main(sample.catalog, tmp_path, AS_OF.isoformat())

    prove_peer(sample, tmp_path)

    found = pq.read_table(tmp_path / "findings.parquet")
    assert set(found["rule"].to_pylist()) == set(tuned_duckdb.RULES)


def test_a_missed_finding_is_told(sample: Sample, tmp_path: Path) -> None:
    planned = pq.read_table(sample.plan)
    stale = planned.filter(pc.equal(planned["rule"], "label-stale"))["title_id"]
    some = planned.filter(pc.invert(pc.equal(planned["title_id"], stale[0])))

    prove_gate(sample, outputs(sample, tmp_path, planned))
    with pytest.raises(WrongFindings, match=f"1 missed of label-stale, such as {stale[0]}"):
        prove_gate(sample, outputs(sample, tmp_path, some))


def test_a_false_finding_is_told(sample: Sample, tmp_path: Path) -> None:
    planned = pq.read_table(sample.plan)
    false = pa.Table.from_pylist(
        [{"title_id": "t00000000", "rule": "label-missing", "outcome": "fail", "action": "block"}], planned.schema
    )

    with pytest.raises(WrongFindings, match="1 too many of label-missing, such as t00000000"):
        prove_gate(sample, outputs(sample, tmp_path, pa.concat_tables([planned, false])))


def test_a_finding_told_twice_is_one_too_many(sample: Sample, tmp_path: Path) -> None:
    planned = pq.read_table(sample.plan)

    with pytest.raises(WrongFindings, match="1 too many of permit-missing"):
        prove_gate(sample, outputs(sample, tmp_path, pa.concat_tables([planned, planned.slice(0, 1)])))


def test_the_ratio_is_the_median_of_the_pairs() -> None:
    ours = [Cost(wall=wall, cpu=1, peak=1) for wall in (10, 2, 3)]
    peers = [Cost(wall=wall, cpu=2, peak=1) for wall in (1, 1, 1)]

    pairs = Pairs(ours, peers)

    assert (pairs.ratio(), pairs.ratio("cpu")) == (3, 0.5)


def test_the_table_replaces_the_one_before(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"above\n{BEGIN}\nold\n{END}\nbelow\n", encoding="utf-8")

    write([Row("work", "1 s", "2 s", figure=0.5, bar=1.5, ratio=0.5)], page)
    write([Row("work", "9 s", "2 s", figure=4.5, bar=1.5, ratio=4.5)], page)

    text = page.read_text(encoding="utf-8")
    assert "| work | 9 s | 2 s | 4.50 × | ≤ 1.5 × | **no** |" in text
    assert (text.startswith("above\n"), text.endswith("below\n"), "old" in text, "1 s |" in text) == (
        True,
        True,
        False,
        False,
    )
