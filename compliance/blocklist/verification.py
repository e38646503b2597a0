"""Prove that every version is what was published, that the last one published is in force, and that readers get it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from compliance.blocklist.client import FORMS, pull
from compliance.blocklist.errors import BlockListError
from compliance.blocklist.publication import Publisher
from compliance.blocklist.repository import trusted_root
from compliance.blocklist.versions import Version, open_version
from compliance.files import sha256_of


def verify_versions(publisher: Publisher) -> list[str]:
    """Everything that is not as the ledger says; empty: all is whole."""
    problems: list[str] = []
    for entry in publisher.ledger.entries("proposal"):
        said = entry.said
        try:
            version = open_version(publisher.versions, said["version"])
        except BlockListError as error:
            problems.append(error.message)
            continue
        if version.manifest_sha256 != said["manifest_sha256"]:
            problems.append(f"{version.folder / 'version.json'} is not what entry {entry.seq} of the ledger proves")
        problems += _damage(version, said["list_sha256"])
    problems += _pointer(publisher)
    problems += _readers(publisher)
    return problems


def _damage(version: Version, list_sha256: str) -> Iterator[str]:
    yield from version.damage()
    if version.said["list_sha256"] != list_sha256:
        yield f"the list of version {version.number} is not the one in the ledger"


def _pointer(publisher: Publisher) -> Iterator[str]:
    published = publisher.line.published()
    in_force = publisher.in_force()
    number = None if in_force is None else in_force.number
    if number != (published[-1] if published else None):
        yield f"version {number} is in force, but the last one published is {published[-1] if published else None}"


def _readers(publisher: Publisher) -> Iterator[str]:
    """What keeps readers from following the repository to the version in force, and targets that are not theirs."""
    in_force = publisher.in_force()
    if in_force is None:
        return
    try:
        with TemporaryDirectory(prefix="gate-verify-") as folder:
            root = trusted_root(publisher.folder)
            now = pull(str(publisher.folder), Path(folder, "list"), root=root, forms=tuple(FORMS))
        if now.version != in_force.number:
            yield f"readers find version {now.version}, not version {in_force.number}"
    except (BlockListError, OSError) as error:
        yield f"readers cannot follow the repository: {error.message if isinstance(error, BlockListError) else error}"
    for path in sorted(publisher.repository.targets.rglob("*")):
        if path.is_file() and sha256_of(path) != path.name.partition(".")[0]:
            yield f"{path} is not what was published"
