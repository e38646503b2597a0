"""The portable facts as SQL of each engine, kept as files: a new SQLGlot or a changed step shows here what it changes.

`python -m tests.golden.test_facts_sql` writes the files anew.
"""

from datetime import date
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from compliance.engines.portable.steps import filled_steps, translated
from compliance.policy import load_policy

DIALECTS = ("duckdb", "spark", "postgres")
AS_OF = date(2026, 11, 22)


def path_of(dialect: str) -> Path:
    """The file that holds the SQL of a dialect."""
    return Path(__file__).parent / f"facts.{dialect}.sql"


def written(dialect: str) -> str:
    """Every step in a dialect."""
    steps = filled_steps(load_policy(), AS_OF, ("ordinary",))
    return "\n".join(
        f"-- {step.kind}: {step.relation}\n{translated(step.select, dialect).strip()};\n" for step in steps
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_sql_is_the_one_that_is_kept(dialect: str) -> None:
    kept = path_of(dialect).read_bytes().decode()
    assert kept == written(dialect), "if meant, run `python -m tests.golden.test_facts_sql` and read what changed"


def test_no_step_uses_a_function_that_sqlglot_passes_on_unread() -> None:
    """What it does not know it leaves as it is, and each engine would make its own of it."""
    for step in filled_steps(load_policy(), AS_OF, ()):
        tree = sqlglot.parse_one(step.select, read="duckdb")
        assert [found.sql() for found in tree.find_all(exp.Anonymous, exp.Command)] == [], step.relation


if __name__ == "__main__":
    for dialect in DIALECTS:
        path_of(dialect).write_bytes(written(dialect).encode())
