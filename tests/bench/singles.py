"""Single titles: in process against a DuckDB database with indexes, and through the service over loopback."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
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
from tests.bench.measuring import FailedWork
from tests.bench.table import Row

P50_BAR_MS, P99_BAR_MS = 0.3, 2.0
SINGLE_BAR_US, BATCH_BAR_US, SERVED_P99_BAR_MS = 1e6 / 3_000, 1e6 / 50_000, 10.0
ASKED = 20_000
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
    places = random.Random(7).sample(range(verdicts.num_rows), min(ASKED, verdicts.num_rows))
    expected = dict(zip(*(column.to_pylist() for column in verdicts.take(places).columns), strict=True))
    yield from _in_process(catalog, out, expected)
    yield from _served(catalog, out, expected)


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


def _served(catalog: Sample, out: Path, expected: dict[str, str]) -> Iterator[Row]:
    (out / "tokens.json").unlink(missing_ok=True)
    secret = new_token(out / "tokens.json", "bench", ("decide",), now() + timedelta(days=1))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [GATE, "serve", "--state", str(out), "--as-of", str(AS_OF), "--port", str(port), "--rate", "1000000"]
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield from asyncio.run(_ask(port, secret, list(expected), short(catalog.titles)))
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


async def _ask(port: int, secret: str, title_ids: Sequence[str], size: str) -> list[Row]:
    head = f"Host: gate\r\nAuthorization: Bearer {secret}\r\n"
    one_each = [f"GET /v1/decisions/{title_id} HTTP/1.1\r\n{head}\r\n".encode() for title_id in title_ids]
    batches = [_batch(title_ids[place : place + BATCH], head) for place in range(0, len(title_ids) - BATCH, BATCH)]
    await _wait(port)
    await _load(port, one_each, SECONDS / 2, CLIENTS)
    single = await _load(port, one_each, SECONDS, CLIENTS)
    first = await _load(port, batches[AGAIN:], SECONDS / 2, 8)
    await _load(port, batches[:AGAIN], SECONDS / 2, 8)
    again = await _load(port, batches[:AGAIN], SECONDS, 8)
    half = await _load(port, one_each, SECONDS, CLIENTS, every=CLIENTS / (len(single) / SECONDS / 2))
    p99 = _quantile(half, 0.99) * 1e3
    return [
        _rate(f"service, single decisions, {size}", len(single) / SECONDS, SINGLE_BAR_US),
        _rate(f"service, batches of {BATCH}, titles asked before, {size}", BATCH * len(again) / SECONDS, BATCH_BAR_US),
        _rate(f"service, batches of {BATCH}, titles mostly new, {size}", BATCH * len(first) / SECONDS * 2, None),
        Row(f"service, p99 at half load, {size}", f"{p99:.1f} ms", figure=p99, bar=SERVED_P99_BAR_MS, unit="ms"),
    ]


def _rate(work: str, rate: float, bar: float | None) -> Row:
    """A rate; the bar is about the microseconds of one decision."""
    return Row(work, f"{rate:,.0f}/s", figure=1e6 / rate, bar=None if bar is None else round(bar), unit="µs each")


def _batch(title_ids: Sequence[str], head: str) -> bytes:
    body = json.dumps({"title_ids": list(title_ids)}).encode()
    return (
        f"POST /v1/decisions HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


async def _wait(port: int) -> None:
    for _ in range(300):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise FailedWork("gate serve did not come up")


async def _load(
    port: int, requests: Sequence[bytes], seconds: float, clients: int, every: float | None = None
) -> list[float]:
    """Seconds that each answer took: clients that ask as soon as they are answered, or each once `every` seconds."""
    end = time.perf_counter() + seconds
    lists = await asyncio.gather(*(_client(port, requests[place::clients], end, every) for place in range(clients)))
    return [one for times in lists for one in times]


async def _client(port: int, requests: Sequence[bytes], end: float, every: float | None) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
    times: list[float] = []
    due = time.perf_counter() + random.random() * (every or 0)
    while time.perf_counter() < end:
        if every is not None:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            due += every
        begun = time.perf_counter()
        writer.write(requests[len(times) % len(requests)])
        answer = await reader.readuntil(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 200"):
            raise FailedWork(f"the service answered {answer[:200]!r}")
        length = int(answer.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        times.append(time.perf_counter() - begun)
    writer.close()
    return times
