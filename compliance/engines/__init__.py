"""Engines: they gather facts and judge titles."""

from typing import Literal, get_args

Engine = Literal["duckdb", "spark", "postgres"]
ENGINES: tuple[Engine, ...] = get_args(Engine)
