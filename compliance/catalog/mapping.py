"""A platform's own tables as relations: one SQL file per relation, each one SELECT in the database's dialect."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from compliance.catalog.schema import RELATIONS
from compliance.errors import ConfigurationError
from compliance.language import worded

_DIALECTS = {"postgresql": "postgres", "mysql": "mysql", "sqlite": "sqlite"}
_BESIDE = "schema"
"""`schema.sql` may stand in the folder to say which tables the mapping is for; it is not read."""


def read_mapping(folder: Path, backend: str) -> Mapping[str, str]:
    """The SELECT of each mapped relation.

    Raises ConfigurationError, with all problems at once, where a file is named after no relation or is not one SELECT.
    """
    if not folder.is_dir():
        raise ConfigurationError(
            worded(f"{folder} 处没有映射：没有这个文件夹", f"no mapping at {folder}: no such folder"),
            remedy=worded("指定含有 titles.sql 等文件的文件夹", "name a folder with titles.sql, …"),
        )
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".sql" and path.stem != _BESIDE)
    problems = []
    queries: dict[str, str] = {}
    for path in files:
        try:
            _must_be_new(path.stem, queries)
            queries[path.stem] = _select(path.read_text(encoding="utf-8-sig"), backend)
        except (OSError, SqlglotError, UnicodeDecodeError, ValueError) as error:
            problems.append(f"{path}: {str(error).strip().splitlines()[0]}")
    if not files:
        problems.append(worded(f"{folder}：没有 SQL 文件", f"{folder}: no SQL file"))
    if problems:
        raise ConfigurationError(
            worded(f"映射 {folder} 无法使用", f"the mapping {folder} cannot be used"),
            problems=problems,
            remedy=worded(
                "在 <关系>.sql 中写一条 SELECT，列名按约定",
                "write one SELECT into <relation>.sql, with the contract's columns",
            ),
        )
    return queries


def _must_be_new(name: str, queries: Mapping[str, str]) -> None:
    """Raises ValueError where the file is named after no relation, or after one that another file gives."""
    if name not in RELATIONS:
        known = ", ".join(RELATIONS)
        raise ValueError(
            worded(f"没有名为 {name} 的关系（有 {known}）", f"no relation is called {name} (there are {known})")
        )
    if name in queries:
        raise ValueError(worded(f"{name} 另有一个文件", f"another file gives {name}, too"))


def _select(text: str, backend: str) -> str:
    """The statement without what ends it. Raises ValueError where it is not one SELECT."""
    parsed = sqlglot.parse(text, dialect=_DIALECTS[backend])
    statements = [found for found in parsed if found is not None and not isinstance(found, exp.Semicolon)]
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise ValueError(worded("不是一条 SELECT 语句", "not one SELECT statement"))
    return _without_end(text, backend)


def _without_end(text: str, backend: str) -> str:
    """The text as written (its author knows the database better than a parser does), up to its semicolon.

    A comment at its end stays, since MySQL runs what stands in `/*! … */`; the new line ends one that has no other end.
    """
    end = len(text)
    for token in reversed(sqlglot.tokenize(text, read=_DIALECTS[backend])):
        if token.token_type is not sqlglot.TokenType.SEMICOLON:
            break
        end = token.start
    return text[:end].rstrip() + "\n"
