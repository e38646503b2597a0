"""Check an inspection pack with nothing but Python 3: files, the ledger's chain, and what the ledger proves."""

# ruff: noqa: T201 - this is a program that prints

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MANIFEST = "SHA256SUMS"
WRITTEN = {MANIFEST, "head.bin", "head.sig"}
"""Files that the manifest does not name: itself, and what `--signed` writes."""
Entries = list[dict[str, Any]]


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hex; of a folder of part files, that of their names and SHA-256."""
    if path.is_dir():
        parts = [f"{part.name} {digest(part)}\n" for part in sorted(path.iterdir())]
        return hashlib.sha256("".join(parts).encode()).hexdigest()
    whole = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            whole.update(block)
    return whole.hexdigest()


def read(name: str) -> Any:  # noqa: ANN401 - as JSON has it
    """A file of JSON."""
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def read_lines(name: str) -> Iterator[Any]:
    """A file of JSON, one value a line."""
    with (HERE / name).open(encoding="utf-8", newline="\n") as lines:
        yield from (json.loads(line) for line in lines)


def wrong_files() -> Iterator[str]:
    """Files of the manifest that are missing or were changed, and files that it does not name."""
    named = set()
    for line in (HERE / MANIFEST).read_text(encoding="utf-8").splitlines():
        said, _, name = line.partition("  ")
        named.add(name)
        if not (HERE / name).is_file() or digest(HERE / name) != said:
            yield f"{name} is not the file of the manifest"
    found = {path.relative_to(HERE).as_posix() for path in HERE.rglob("*") if path.is_file()}
    yield from (f"{name} is not in the manifest" for name in sorted(found - named - WRITTEN))


def wrong_entries(entries: Entries, head: dict[str, Any] | None) -> Iterator[str]:
    """Where the chain does not hold, or goes on beyond what was signed."""
    previous = "0" * 64
    for number, entry in enumerate(entries, start=1):
        text = [entry[name] for name in ("seq", "at", "kind", "body", "previous")]
        packed = json.dumps(text, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        if entry["seq"] != number or entry["previous"] != previous:
            yield f"entry {entry['seq']} does not follow the one before it"
        if hashlib.sha256(packed).hexdigest() != entry["hash"]:
            yield f"entry {entry['seq']} is not what was written"
        previous = entry["hash"]
    signed = None if head is None else (head["seq"], head["hash"])
    if entries and signed != (entries[-1]["seq"], entries[-1]["hash"]):
        yield "the signed head is not the last entry"


def wrong_outputs(runs: dict[str, Any], run_id: str) -> Iterator[str]:
    """Outputs of the run that are missing, or not those that the ledger vouches for."""
    if run_id not in runs:
        yield f"the ledger knows no run {run_id}"
        return
    for name, expected in runs[run_id]["files"].items():
        path = HERE / "run" / name
        if not path.exists():
            yield f"run/{name}, which the ledger proves, is missing"
        elif digest(path) != expected:
            yield f"run/{name} is not what the run wrote"


def wrong_waivers(entries: Entries) -> Iterator[str]:
    """Waivers that are not what was granted and revoked."""
    said = [(entry["kind"], json.loads(entry["body"])) for entry in entries]
    granted = {body["waiver_id"]: body for kind, body in said if kind == "waiver"}
    ended = {body["waiver_id"]: body["on"] for kind, body in said if kind == "revocation"}
    expected = [{**body, "revoked_on": ended.get(waiver_id)} for waiver_id, body in granted.items()]
    if read("waivers.json") != expected:
        yield "waivers.json is not what the ledger says of waivers"


def wrong_runs(runs: dict[str, Any], month: str) -> Iterator[str]:
    """Runs of the month that are not in the pack, or not as the ledger has them."""
    if read("runs.json") != [said for said in runs.values() if said["as_of"].startswith(month)]:
        yield f"runs.json is not what the ledger says of the runs of {month}"


def wrong_past(runs: dict[str, Any], proven: list[str], changes: list[Any]) -> Iterator[str]:
    """Verdicts that are not what the runs gave: whole ones by their files, later ones by the hash of each night."""
    by_run: dict[str, list[Any]] = {run_id: [] for run_id in proven}
    for run_id, title_id, verdict in changes:
        by_run.setdefault(run_id, []).append([title_id, verdict])
    known = list(runs)
    if any(run_id not in runs for run_id in by_run):
        yield "ledger/changes.jsonl has changes of a run that the ledger does not know"
        return
    if not proven or proven != known[known.index(proven[0]) : known.index(proven[0]) + len(proven)]:
        yield "scope.json does not name runs that follow each other"
    for run_id, changed in by_run.items():
        if runs[run_id].get("baseline"):
            yield from wrong_whole(run_id, runs[run_id]["files"])
            continue
        whole = hashlib.sha256()
        for line in sorted(changed):
            whole.update((json.dumps(line, ensure_ascii=False) + "\n").encode())
        if whole.hexdigest() != runs[run_id]["changes"]["sha256"]:
            yield f"the changes of run {run_id} in ledger/changes.jsonl are not what was written"


def wrong_whole(run_id: str, expected: dict[str, str]) -> Iterator[str]:
    """The files of a run that gave all verdicts whole."""
    for name, suffix in (("verdicts.parquet", ""), ("waived.parquet", ".waived")):
        path = HERE / "ledger" / "verdicts" / f"{run_id}{suffix}.parquet"
        if name in expected and (not path.exists() or digest(path) != expected[name]):
            yield f"ledger/verdicts/{path.name} is not what run {run_id} wrote"


def wrong_verdicts(runs: dict[str, Any], proven: list[str], changes: list[Any]) -> Iterator[str]:
    """Rows of tables/verdicts.csv that are not the last change of their title."""
    start = max((place for place, run_id in enumerate(proven) if runs[run_id].get("baseline")), default=0)
    counting = set(proven[start:])
    last = {plain(title_id): verdict for run_id, title_id, verdict in changes if run_id in counting}
    with (HERE / "tables" / "verdicts.csv").open(encoding="utf-8-sig", newline="") as table:
        for row in csv.DictReader(table):
            title_id = plain(row["title_id"])
            shown = {name: plain(row[name]) for name in row if name != "title_id"}
            if title_id in last and cells(last.pop(title_id)) != shown:
                yield f"tables/verdicts.csv has another verdict of title {title_id} than the ledger proves"
    for title_id, verdict in last.items():
        if verdict is not None:
            yield f"tables/verdicts.csv lacks title {title_id}"


def cells(verdict: str | None) -> dict[str, str] | None:
    """A verdict as the table has it."""
    if verdict is None:
        return None
    values = json.loads(verdict)
    joined = {name: ";".join(value) if isinstance(value, list) else value for name, value in values.items()}
    return {name: "" if value is None else plain(str(value)) for name, value in joined.items()}


def plain(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from running it."""
    return cell.removeprefix("'")


def wrong_ledger(scope: dict[str, Any], entries: Entries, head: dict[str, Any] | None) -> Iterator[str]:
    """Whatever the ledger does not bear out."""
    broken = list(wrong_entries(entries, head))
    yield from broken
    if broken:
        return  # what a broken chain says proves nothing
    bodies = [json.loads(entry["body"]) for entry in entries if entry["kind"] == "run"]
    runs = {body["run_id"]: body for body in bodies}
    yield from wrong_waivers(entries)
    if scope["title"] is None and scope["run_id"] is not None:
        yield from wrong_outputs(runs, scope["run_id"])
    if scope["month"] is not None:
        yield from wrong_runs(runs, scope["month"])
        changes = list(read_lines("ledger/changes.jsonl"))
        wrong = list(wrong_past(runs, scope["proven_runs"], changes))
        yield from wrong or wrong_verdicts(runs, scope["proven_runs"], changes)


def about(scope: dict[str, Any]) -> str:
    """What the pack is about, and what in it only the manifest vouches for."""
    what = f"title {scope['title']}" if scope["title"] else f"month {scope['month']}" if scope["month"] else "one run"
    run = f", with the outputs of run {scope['run_id']}" if scope["run_id"] else ""
    alone = ["policy.json", "rules.json"] + (["history.json"] if scope["title"] and scope["ledger"] else [])
    return f"about: {what}{run}\nas the platform wrote them, not proven by the ledger: tables/, {', '.join(alone)}"


def main() -> int:
    """Print what is wrong; exit 1 if anything is."""
    problems = list(wrong_files())
    scope = read("scope.json")
    if scope["ledger"]:
        try:
            entries, head = list(read_lines("ledger/entries.jsonl")), read("ledger/head.json")
            problems += wrong_ledger(scope, entries, head)
        except (OSError, ValueError, KeyError, TypeError) as error:
            problems.append(f"the ledger's files cannot be read: {error!r}")
        else:
            if "--signed" in sys.argv and head is not None:
                signed = "microdrama-gate ledger head\n{seq}\n{hash}\n".format(**head)
                (HERE / "head.bin").write_bytes(signed.encode())
                (HERE / "head.sig").write_bytes(bytes.fromhex(head["signature"]))
    if scope["policy"] != scope["judged_by_policy"]:
        print(f"note: policy.json is revision {scope['policy']}, the run was judged by {scope['judged_by_policy']}")
    print("\n".join(problems) or "everything holds" + ("" if scope["ledger"] else "; there is no ledger in this pack"))
    print(about(scope))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
