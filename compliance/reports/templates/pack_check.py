"""Check an inspection pack with nothing but Python 3: files, the ledger's chain, and the run's outputs against it."""

# ruff: noqa: T201 - this is a program that prints

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def wrong_files() -> Iterator[str]:
    """Files of the manifest that are missing or were changed."""
    for line in (HERE / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        said, _, name = line.partition("  ")
        if not (HERE / name).is_file() or digest(HERE / name) != said:
            yield f"{name} is not the file of the manifest"


def wrong_entries(entries: list[dict[str, Any]], head: dict[str, Any]) -> Iterator[str]:
    """Where the chain does not hold."""
    previous = "0" * 64
    for number, entry in enumerate(entries, start=1):
        text = [entry[name] for name in ("seq", "at", "kind", "body", "previous")]
        packed = json.dumps(text, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        if entry["seq"] != number or entry["previous"] != previous:
            yield f"entry {entry['seq']} does not follow the one before it"
        if hashlib.sha256(packed).hexdigest() != entry["hash"]:
            yield f"entry {entry['seq']} is not what was written"
        previous = entry["hash"]
    if entries and head["hash"] not in [entry["hash"] for entry in entries if entry["seq"] == head["seq"]]:
        yield "the signed head is none of the entries"


def wrong_outputs(entries: list[dict[str, Any]]) -> Iterator[str]:
    """Outputs of the run that are not those that the ledger vouches for."""
    run_id = json.loads((HERE / "scope.json").read_text(encoding="utf-8"))["run_id"]
    runs = [json.loads(entry["body"]) for entry in entries if entry["kind"] == "run"]
    said = next((run["files"] for run in runs if run["run_id"] == run_id), None)
    if said is None:
        yield f"the ledger knows no run {run_id}"
        return
    for name, expected in said.items():
        path = HERE / "run" / name
        if (HERE / "run").is_dir() and path.is_file() and digest(path) != expected:
            yield f"run/{name} is not what the run wrote"


def main() -> int:
    """Print what is wrong; exit 1 if anything is."""
    ledger = HERE / "ledger"
    problems = list(wrong_files())
    if ledger.is_dir():
        entries = [
            json.loads(line) for line in (ledger / "entries.jsonl").read_text(encoding="utf-8").split("\n") if line
        ]
        head = json.loads((ledger / "head.json").read_text(encoding="utf-8"))
        problems += [*wrong_entries(entries, head), *wrong_outputs(entries)]
        if "--signed" in sys.argv:
            signed = "microdrama-gate ledger head\n{seq}\n{hash}\n".format(**head)
            (HERE / "head.bin").write_bytes(signed.encode())
            (HERE / "head.sig").write_bytes(bytes.fromhex(head["signature"]))
    scope = json.loads((HERE / "scope.json").read_text(encoding="utf-8"))
    if scope["policy"] != scope["judged_by_policy"]:
        print(f"note: policy.json is revision {scope['policy']}, the run was judged by {scope['judged_by_policy']}")
    print("\n".join(problems) or "everything holds" + ("" if ledger.is_dir() else "; there is no ledger in this pack"))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
