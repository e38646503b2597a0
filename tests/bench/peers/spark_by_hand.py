"""The statements of the gate, handed to Spark by hand: facts, rulings, verdicts, findings, blocked placements.

    python spark_by_hand.py MASTER CATALOG OUT AS_OF CONFIGURATION

No contract check, no canaries, no waivers, no counts, no publication.
"""

from __future__ import annotations

import sys
import tomllib
from datetime import date
from pathlib import Path

from compliance.catalog.schema import RELATIONS
from compliance.engines.bits import bits_of
from compliance.engines.freshness import read_extracts
from compliance.engines.portable import lookups, outputs
from compliance.engines.portable.contract import no_rows
from compliance.engines.portable.readings import readings
from compliance.engines.portable.rulings import rulings_select
from compliance.engines.portable.steps import take_steps
from compliance.engines.spark.cluster import Cluster
from compliance.engines.spark.engine import SparkEngine
from compliance.engines.spark.session import spark_session
from compliance.policy import load_policy
from compliance.rules.loading import load_rules
from compliance.rules.under_policy import parameter_values
from compliance.verdicts.waivers import NO_WAIVERS


def main() -> None:
    """Run it."""
    master, catalog, out, day, configuration = sys.argv[1:]
    as_of, policy, folder = date.fromisoformat(day), load_policy(), Path(out)
    settings = tomllib.loads(Path(configuration).read_text(encoding="utf-8"))["spark"]["settings"]
    with spark_session(Cluster(master, settings=settings)) as spark:
        engine = SparkEngine(spark, (folder / "work").absolute().as_uri())
        for name, relation in RELATIONS.items():
            path = Path(catalog, f"{name}.parquet")
            if path.exists():
                spark.read.parquet(path.absolute().as_uri()).createOrReplaceTempView(name)
            else:
                engine.define(name, no_rows({column.name: column.type.value for column in relation.columns}))
        held = dict.fromkeys(("title_id", "platform", "stage"), "VARCHAR")
        engine.define("held", no_rows(held))
        engine.define("held_titles", no_rows({"title_id": "VARCHAR"}))
        stale = read_extracts(engine.rows, as_of=as_of, today=as_of).stale(policy)
        issuers = lookups.give_lookups(engine, policy)
        take_steps(engine, policy, as_of, stale, readings(policy, issuers))
        bits = bits_of(load_rules(), parameter_values(policy, as_of), policy)
        engine.keep("rulings", rulings_select(bits))
        outputs.define_outputs(engine, bits, NO_WAIVERS, as_of)
        for name in ("verdicts", "findings", "listed"):
            engine.write(f"SELECT * FROM {name}", folder / f"{name}.parquet")
        engine.write(
            "SELECT p.placement_id, p.title_id, p.slot, b.rules FROM active_placements AS p"
            " JOIN listed AS b ON b.title_id = p.title_id WHERE b.decision = 'block'",
            folder / "blocked_placements.parquet",
        )


if __name__ == "__main__":
    main()
