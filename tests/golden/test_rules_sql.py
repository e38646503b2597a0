"""The rules as SQL of each engine, kept as files: a new SQLGlot or a changed rule shows here what it would change.

`python -m tests.golden.test_rules_sql` writes the files anew.
"""

from datetime import date
from pathlib import Path

import pytest

from compliance.policy import load_policy
from compliance.rules.loading import load_rules
from compliance.rules.to_sql import outcome_sql
from compliance.rules.under_policy import parameter_values

DIALECTS = ("duckdb", "spark", "postgres")
PARTS = ("applies", "unknown", "fails", "action")
AS_OF = date(2026, 11, 22)


def path_of(dialect: str) -> Path:
    """The file that holds the SQL of a dialect."""
    return Path(__file__).parent / f"rules.{dialect}.sql"


def written(dialect: str) -> str:
    """Every rule's conditions and action in a dialect."""
    parameters = parameter_values(load_policy(), AS_OF)
    rules = [(rule.id, outcome_sql(rule, parameters, dialect=dialect)) for rule in load_rules()]
    return "\n".join(
        f"-- {rule}\n" + "".join(f"-- {part}\n{getattr(sql, part)};\n" for part in PARTS) for rule, sql in rules
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_sql_is_the_one_that_is_kept(dialect: str) -> None:
    kept = path_of(dialect).read_bytes().decode()
    assert kept == written(dialect), "if meant, run `python -m tests.golden.test_rules_sql` and read what changed"


if __name__ == "__main__":
    for dialect in DIALECTS:
        path_of(dialect).write_bytes(written(dialect).encode())
