"""Single titles: in process against a DuckDB database with indexes, and through the service over loopback."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from compliance.clock import now
from compliance.engines.single.deciding import Decider
from compliance.engines.single.state import open_state
from compliance.policy import load_policy
from compliance.rules.loading import load_rules
from compliance.service.tokens import new_token
from tests.bench.audits import FOUND, GATE
from tests.bench.catalogs import AS_OF, HOME, Sample, sample, short
from tests.bench.loading import cpu_seconds, load
from tests.bench.measuring import FailedWork
from tests.bench.table import Row

P50_BAR_MS, P99_BAR_MS = 0.3, 2.0
SINGLE_BAR_US, BATCH_BAR_US, SERVED_P99_BAR_MS = 1e6 / 3_000, 1e6 / 50_000, 10.0
ASKED, NEVER_ASKED = 20_000, 150_000
BATCH = 100
SECONDS = 4.0
CLIENTS = 64
AGAIN = 20
"""Batches that are asked again and again."""


def singles(titles: int) -> Iterator[Row]:
    """The rows of the table. Decisions are compared with the audit's verdicts before any time is told."""
    catalog = sample(titles)
    out = _audited(catalog)
    verdicts = pq.read_table(out / "verdicts.parquet", columns=["title_id", "decision"])
    places = random.Random(7).sample(range(verdicts.num_rows), min(ASKED + NEVER_ASKED, verdicts.num_rows))
    title_ids, decisions = (column.to_pylist() for column in verdicts.take(places).columns)
    yield from _in_process(catalog, out, dict(zip(title_ids[:ASKED], decisions[:ASKED], strict=True)))
    yield from _served(catalog, out, title_ids[:ASKED], title_ids[ASKED:])


def _audited(catalog: Sample) -> Path:
    out = HOME / "out-single"
    shutil.rmtree(out, ignore_errors=True)
    command = [GATE, "audit", "--catalog", str(catalog.catalog), "--out", str(out), "--as-of", str(AS_OF)]
    done = subprocess.run([*command, "--no-reports", "--state"], capture_output=True, text=True, check=False)
    if done.returncode != FOUND:
        raise FailedWork(f"gate audit --state ended with {done.returncode}: {done.stderr[-2000:]}")
    return out


def _in_process(catalog: Sample, out: Path, expected: dict[str, str]) -> Iterator[Row]:
    decider = Decider(open_state(out), load_rules(), load_policy(), AS_OF)
    wrong = {title_id for title_id, decision in expected.items() if decider.decide(title_id).decision != decision}
    if wrong:
        raise FailedWork(f"{len(wrong)} of {len(expected)} decisions are not those of the audit, such as {min(wrong)}")
    ours = _times(decider.decide, list(expected))
    peer = _times(_duckdb_lookups(catalog), list(expected)[:2_000])
    for name, share, bar in (("p50", 0.50, P50_BAR_MS), ("p99", 0.99, P99_BAR_MS)):
        mine, theirs = _quantile(ours, share) * 1e3, _quantile(peer, share) * 1e3
        yield Row(
            f"one title in process, {name}, {short(catalog.titles)} (peer: DuckDB with indexes, rows alone)",
            f"{mine:.2f} ms",
            f"{theirs:.2f} ms",
            figure=mine,
            bar=bar,
            unit="ms",
            ratio=mine / theirs,
        )


def _duckdb_lookups(catalog: Sample) -> Callable[[str], object]:
    """The rows that a verdict needs, read from a DuckDB database by its own indexes: no facts, no rules."""
    path = HOME / "single.duckdb"
    path.unlink(missing_ok=True)
    con = duckdb.connect(str(path))
    con.execute("SET threads = 1")
    for relation in ("titles", "register", "labels", "episodes", "placements"):
        con.execute(f"CREATE TABLE {relation} AS FROM '{catalog.catalog}/{relation}.parquet'")
    for relation, key in (
        ("titles", "title_id"),
        ("titles", "permit_number"),
        ("register", "permit_number"),
        ("labels", "title_id"),
        ("episodes", "title_id"),
        ("placements", "title_id"),
    ):
        con.execute(f"CREATE INDEX {relation}_{key} ON {relation} ({key})")

    def look_up(title_id: str) -> object:
        title = con.execute("SELECT * FROM titles WHERE title_id = ?", [title_id]).fetchall()[0]
        number = title[19]
        rows = [
            con.execute(f"SELECT * FROM {relation} WHERE {key} = ?", [value]).fetchall()
            for relation, key, value in (
                ("register", "permit_number", number),
                ("titles", "permit_number", number),
                ("labels", "title_id", title_id),
                ("episodes", "title_id", title_id),
                ("placements", "title_id", title_id),
            )
        ]
        return title, rows

    return look_up


def _times(work: Callable[[str], object], title_ids: Sequence[str]) -> list[float]:
    times = []
    for title_id in title_ids:
        begun = time.perf_counter()
        work(title_id)
        times.append(time.perf_counter() - begun)
    return times


def _quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[int(len(values) * share)]


def _served(catalog: Sample, out: Path, title_ids: Sequence[str], never_asked: Sequence[str]) -> Iterator[Row]:
    (out / "tokens.json").unlink(missing_ok=True)
    secret = new_token(out / "tokens.json", "bench", ("decide",), now() + timedelta(days=1))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [GATE, "serve", "--state", str(out), "--as-of", str(AS_OF), "--port", str(port), "--rate", "1000000"]
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        service = _Service(port, f"Host: gate\r\nAuthorization: Bearer {secret}\r\n", process.pid)
        yield from service.measured(title_ids, never_asked, short(catalog.titles))
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@dataclass(frozen=True, slots=True)
class _Service:
    """The service while it runs."""

    port: int
    head: str
    """Of every request."""
    session: int
    """The id of its processes' session."""

    def measured(self, title_ids: Sequence[str], never_asked: Sequence[str], size: str) -> Iterator[Row]:
        new = [self._batch(never_asked[n : n + BATCH]) for n in range(0, len(never_asked), BATCH)]
        known = [self._batch(title_ids[n : n + BATCH]) for n in range(0, AGAIN * BATCH, BATCH)]
        single = [f"GET /v1/decisions/{title_id} HTTP/1.1\r\n{self.head}\r\n".encode() for title_id in title_ids]
        load(self.port, known, SECONDS / 2, 8)
        yield self._rate(f"batches of {BATCH}, titles never asked before, {size}", new, SECONDS, 8, BATCH, once=True)[0]
        yield self._rate(f"batches of {BATCH}, titles asked before, {size}", known, SECONDS, 8, BATCH)[0]
        load(self.port, single, SECONDS / 2, CLIENTS)
        row, a_second = self._rate(f"single decisions, {size}", single, SECONDS, CLIENTS, 1)
        yield row
        p99 = _quantile(load(self.port, single, SECONDS, CLIENTS, every=CLIENTS / (a_second / 2)), 0.99) * 1e3
        yield Row(f"service, p99 at half load, {size}", f"{p99:.1f} ms", figure=p99, bar=SERVED_P99_BAR_MS, unit="ms")

    def _rate(
        self, work: str, requests: Sequence[bytes], seconds: float, clients: int, each: int, *, once: bool = False
    ) -> tuple[Row, float]:
        """Decisions a second, and a second of the server's CPU; the bar is about the microseconds of one."""
        cpu, begun = cpu_seconds(self.session), time.perf_counter()
        decided = len(load(self.port, requests, seconds, clients, once=once)) * each
        wall, cpu = time.perf_counter() - begun, cpu_seconds(self.session) - cpu
        told = f"{decided / wall:,.0f}/s" + (f", {decided / cpu:,.0f} a CPU second" if cpu else "")
        bar = round(BATCH_BAR_US if each > 1 else SINGLE_BAR_US)
        return Row(f"service, {work}", told, figure=1e6 * wall / decided, bar=bar, unit="µs each"), decided / wall

    def _batch(self, title_ids: Sequence[str]) -> bytes:
        body = json.dumps({"title_ids": list(title_ids)}).encode()
        told = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return f"POST /v1/decisions HTTP/1.1\r\n{self.head}{told}\r\n".encode() + body


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise FailedWork("gate serve did not come up")
