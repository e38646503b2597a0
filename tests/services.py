"""Services for tests: an audited catalog, tokens, and the application over them."""

# ruff: noqa: DTZ001 - wall time in Asia/Shanghai, as the contract wants it

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from compliance import runs
from compliance.blocklist.publication import Publisher
from compliance.clock import now
from compliance.ledger.store import Ledger
from compliance.policy import load_policy
from compliance.service.settings import ServiceSettings
from compliance.service.tokens import new_token
from tests.catalogs import write_catalog

AS_OF = date(2026, 11, 23)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service finds everything."""

    folder: Path
    secrets: Mapping[str, str]
    """Token by name: `publisher` may read and decide, `reader` only read, `former` has expired."""

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def settings(self, **values: object) -> ServiceSettings:
        """Settings for this place; each call with its own log where `log` is given."""
        places = {"out": self.out, "blocklist": self.out / "blocklist", "tokens": self.folder / "tokens.json"}
        given = {"log": self.folder / "decisions.sqlite", "as_of": AS_OF, "language": "en", **places, **values}
        return ServiceSettings.model_validate(given)

    def headers(self, name: str = "publisher") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secrets[name]}"}


@contextmanager
def running(place: Place, *, log: Path | None = None) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`gate serve` in a process group of its own on a free port: its address and the process. Killed at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-c", "from compliance.cli.main import run; run()", "serve", "--lang", "en"),
        *("--state", place.out, "--tokens", place.folder / "tokens.json", "--as-of", AS_OF.isoformat()),
        *("--port", str(port), "--log", log or place.folder / "decisions.sqlite"),
    ]
    output = (place.folder / f"serve-{port}.log").open("wb")
    process = subprocess.Popen(list(map(str, command)), start_new_session=True, stdout=output, stderr=output)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(address, process)
        yield address, process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        output.close()


def _wait_until_healthy(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/health", timeout=5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the service did not start: exit code {process.poll()}")


def audit(folder: Path) -> str:
    """Audit the catalog in the folder and publish its block list; returns the run's id."""
    out, policy = folder / "out", load_policy()
    publisher = Publisher(out / "blocklist", Ledger(out / "ledger"), policy.guard, proposer="Li")
    wanted = runs.Audit(
        str(folder / "catalog"), out, AS_OF, policy, reports=False, memory="1GB", threads=2, publisher=publisher
    )
    run_id = runs.audit(wanted, progress=lambda _: None).run_id
    runs.publish(publisher, out, policy)
    return run_id


def make_place(folder: Path) -> Place:
    """A catalog of four titles with what there is to know about them, audited."""
    write_catalog(
        folder / "catalog",
        titles=[
            {"title_id": "t1"},
            {"title_id": "foreign", "permit_number": "（抖音）网微剧备字（2026）第5号"},
            {"title_id": "unlabelled"},
            {"title_id": "planned", "status": "scheduled", "online_at": datetime(2026, 11, 24), "permit_number": None},
        ],
    )
    audit(folder)
    day = timedelta(days=1)
    tokens = folder / "tokens.json"
    return Place(
        folder,
        {
            "publisher": new_token(tokens, "publisher", ("read", "decide"), now() + day),
            "reader": new_token(tokens, "reader", ("read",), now() + day),
            "former": new_token(tokens, "former", ("read", "decide"), datetime(2026, 1, 1, tzinfo=UTC)),
        },
    )
