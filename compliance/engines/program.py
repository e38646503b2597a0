"""Marks of what judges: where two runs have the same, they judge alike."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import duckdb

import compliance
from compliance.policy import Policy
from compliance.resources import sql_folder

_PROGRAM = ("*.py", "*.toml", "*.csv")
_LAW = ("facts/*.sql", "rules/*.sql")


@cache
def program_mark() -> str:
    """Changes with every file that decides what a title is judged to be, and with the engine's version."""
    digest = hashlib.sha256(duckdb.__version__.encode())
    package = Path(compliance.__file__).parent
    files = [path for pattern in _PROGRAM for path in package.rglob(pattern)]
    files += [path for pattern in _LAW for path in sql_folder().glob(pattern)]
    for path in sorted(files):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def judged_by(policy: Policy) -> str:
    """Changes with the program, its rules and the policy."""
    return hashlib.sha256(f"{program_mark()} {policy.model_dump_json()}".encode()).hexdigest()
