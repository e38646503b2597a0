"""Prove that every version is what was published, and that the one in force is the last one published."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.blocklist.errors import BlockListError
from compliance.blocklist.publication import Publisher
from compliance.blocklist.versions import Version, open_version


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
    return problems


def _damage(version: Version, list_sha256: str) -> Iterator[str]:
    yield from version.damage()
    if version.said["list_sha256"] != list_sha256:
        yield f"the list of version {version.number} is not the one in the ledger"


def _pointer(publisher: Publisher) -> Iterator[str]:
    published = [entry.said["version"] for entry in publisher.ledger.entries("publication")]
    in_force = publisher.in_force()
    number = None if in_force is None else in_force.number
    if number != (published[-1] if published else None):
        yield f"version {number} is in force, but the last one published is {published[-1] if published else None}"
