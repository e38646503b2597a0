"""The demo and the audit from end to end, started as a user starts them."""

from __future__ import annotations

import io
import json
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from compliance.cli.main import main
from compliance.outputs import OUTPUTS
from compliance.rules.loading import load_rules
from compliance.sample import Plan, write_sample
from tests.catalogs import write_catalog

AS_OF = "2026-11-20"
GATE = [sys.executable, "-c", "from compliance.cli.main import run; run()"]
COLUMNS = ["title_id", "rule", "outcome", "action"]


@dataclass(frozen=True)
class Ran:
    """What came of one command line."""

    returncode: int
    stdout: str
    stderr: str


def gate(*arguments: object) -> Ran:
    """Run one command line, in this process: importing the libraries takes longer than a small audit."""
    stdout, stderr = io.StringIO(), io.StringIO()
    with redirect_stdout(stdout), redirect_stderr(stderr):
        code = main([*map(str, arguments), "--lang", "en"])
    return Ran(code, stdout.getvalue(), stderr.getvalue())


def arguments(catalog: Path, out: Path, *more: object) -> list[str]:
    return [str(part) for part in ("audit", "--catalog", catalog, "--out", out, "--as-of", AS_OF, *more)]


def audit(catalog: Path, out: Path, *more: object) -> Ran:
    return gate(*arguments(catalog, out, *more))


def run_of(out: Path) -> str:
    return json.loads((out / "summary.json").read_text())["run_id"]


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration of the working folder or the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GATE_CONFIG", raising=False)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The outputs of `gate demo`."""
    out = tmp_path_factory.mktemp("demo") / "demo-out"
    ran = gate("demo", "--out", out)
    assert ran.returncode == 0, ran.stderr
    for name in ("block_list.csv", "report.html", "report.xlsx"):
        assert f"{out}/{name}" in ran.stdout
    return out


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Plan]:
    folder = tmp_path_factory.mktemp("sample")
    return folder, write_sample(folder, 5_000, as_of=date.fromisoformat(AS_OF))


@pytest.fixture(scope="module")
def published(sample: tuple[Path, Plan], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The outputs of a complete run over the sample, without reports."""
    out = tmp_path_factory.mktemp("published")
    assert audit(sample[0], out, "--no-reports").returncode == 1
    return out


def test_a_folder_that_holds_another_catalog_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    catalog = write_catalog(tmp_path / "out" / "catalog")
    kept = (catalog / "titles.parquet").read_bytes()
    assert main(["demo", "--out", str(tmp_path / "out"), "--titles", "300", "--lang", "en"]) == 2
    assert "holds files that are no sample" in capsys.readouterr().err
    assert (catalog / "titles.parquet").read_bytes() == kept
    for _ in range(2):
        assert main(["demo", "--out", str(tmp_path / "other"), "--titles", "300", "--lang", "en"]) == 0


def test_the_demo_writes_every_output(demo: Path) -> None:
    assert {path.name for path in demo.iterdir() if path.is_file()} == set(OUTPUTS)


def test_the_demo_in_json_names_its_files(tmp_path: Path) -> None:
    ran = gate("demo", "--titles", 300, "--json", "--out", tmp_path / "small")
    told = json.loads(ran.stdout)
    assert (ran.returncode, told["counts"]["titles"]) == (0, 300)
    assert all(Path(path).exists() for path in told["paths"].values())


def test_the_demo_hits_every_rule(demo: Path) -> None:
    counts = json.loads((demo / "summary.json").read_text())["rules"]
    assert {rule for rule, count in counts.items() if count["fail"]} == {rule.id for rule in load_rules()}


def test_the_audit_finds_what_was_planted_and_nothing_else(sample: tuple[Path, Plan], published: Path) -> None:
    order = [(name, "ascending") for name in COLUMNS]
    found = pq.read_table(published / "findings.parquet", columns=COLUMNS).sort_by(order)
    assert found.to_pylist() == sample[1].findings.select(COLUMNS).sort_by(order).to_pylist()
    assert not (published / "report.html").exists()


@pytest.mark.parametrize(
    ("title", "more", "code"),
    [
        ({}, (), 0),
        ({"permit_number": None}, (), 1),
        ({"permit_number": None}, ("--exit-zero",), 0),
        ({"investment_yuan": -1}, ("--exit-zero",), 3),
    ],
)
def test_exit_codes_of_a_run(tmp_path: Path, title: dict[str, object], more: tuple[str, ...], code: int) -> None:
    titles = [{"title_id": "t1"}, {"title_id": "t2", "status": "draft", **title}]
    catalog = write_catalog(
        tmp_path / "catalog", titles=titles, labels=[{}, {"title_id": "t2"}], episodes=[{}, {"title_id": "t2"}]
    )
    ran = audit(catalog, tmp_path / "out", "--json", *more)
    assert (ran.returncode, json.loads(ran.stdout)["counts"]["judged"]) == (code, 2)
    assert run_of(tmp_path / "out") == json.loads(ran.stdout)["run_id"]


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        (("--engine", "abacus"), 2, "abacus"),
        (("--memory", "much"), 2, "3GB"),
        (("--as-of", "yesterday"), 2, "--as-of"),
        (("--catalog", "/nowhere"), 3, "/nowhere"),
    ],
)
def test_a_run_that_cannot_be_says_why_and_leaves_nothing(
    tmp_path: Path, more: tuple[str, ...], code: int, says: str
) -> None:
    ran = audit(write_catalog(tmp_path / "catalog"), tmp_path / "out", *more)
    assert (ran.returncode, says in ran.stderr) == (code, True), ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "out/summary.json").exists()


def test_without_a_needed_relation_nothing_is_judged_and_the_rules_to_turn_off_are_named(tmp_path: Path) -> None:
    catalog = write_catalog(tmp_path / "catalog", labels=None)
    ran = audit(catalog, tmp_path / "out")
    assert ran.returncode == 3
    assert "label-missing" in ran.stderr
    off = "".join(f'{rule.id} = "no labels here"\n' for rule in load_rules() if "labels" in rule.needs)
    (tmp_path / "gate.toml").write_text(f"[rules.off]\n{off}")
    assert audit(catalog, tmp_path / "out").returncode == 0


def test_what_stays_on_the_list_keeps_the_day_it_came_on(tmp_path: Path) -> None:
    catalog = write_catalog(tmp_path / "catalog", titles=[{"title_id": "t1", "permit_number": None}])
    listed = []
    for _ in range(2):
        assert audit(catalog, tmp_path / "out", "--no-reports").returncode == 1
        listed += pq.read_table(tmp_path / "out/block_list.parquet")["first_listed_at"].to_pylist()
    assert listed[0] == listed[1]
    shanghai_now = datetime.now(UTC).replace(tzinfo=None) + timedelta(hours=8)  # noqa: TID251 - beside the clock that the program asks
    assert abs(shanghai_now - listed[0]) < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("stage", "stop"),
    [("reading the catalog", signal.SIGTERM), ("judging", signal.SIGINT), ("writing the reports", signal.SIGINT)],
)
def test_a_stopped_run_leaves_the_previous_outputs(
    sample: tuple[Path, Plan], published: Path, stage: str, stop: signal.Signals
) -> None:
    before = run_of(published)
    command = [*GATE, *arguments(sample[0], published, "--lang", "en")]
    pipes = {"stderr": subprocess.PIPE, "stdout": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(command, preexec_fn=heeding_ctrl_c, **pipes) as run:
        told = next(line for line in run.stderr if line.strip() == stage)
        run.send_signal(stop)
        rest = run.stderr.read()
    assert (told.strip(), run.returncode) == (stage, 130), rest
    assert "nothing was published" in rest
    assert "Traceback" not in rest
    assert run_of(published) == before


def heeding_ctrl_c() -> None:
    """A shell that starts the tests in the background has them, and what they start, ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def limited(size: int) -> Callable[[], None]:
    """A process that may write files of so many bytes at most: to it, the disk is full."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("size", [0, 4_000])
def test_a_full_disk_leaves_the_previous_outputs(sample: tuple[Path, Plan], published: Path, size: int) -> None:
    before = run_of(published)
    command = [*GATE, *arguments(sample[0], published, "--lang", "en")]
    ran = subprocess.run(command, capture_output=True, text=True, preexec_fn=limited(size))
    assert ran.returncode == 3, ran.stderr
    assert "the disk is full" in ran.stderr
    assert run_of(published) == before


def test_doctor_is_content_with_the_demo(demo: Path) -> None:
    ran = gate("doctor", "--catalog", demo / "catalog", "--out", demo)
    assert ran.returncode == 0
    assert "last complete run" in ran.stdout
    assert "FAIL" not in ran.stdout
