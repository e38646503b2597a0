"""A catalog that lives: night after night a few things in it change, as they do on a platform."""

# ruff: noqa: DTZ001 - wall time in Asia/Shanghai, as the contract wants it

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq

from compliance.catalog.arrow import arrow_schema
from compliance.catalog.schema import RELATIONS
from compliance.engines import audit
from compliance.engines.incremental.proof import differences
from compliance.policy import Policy, load_policy
from compliance.rules.loading import load_rules
from compliance.verdicts.summary import Summary
from compliance.verdicts.waivers import Waiver, Waivers, seen
from tests.catalogs import complete
from tests.databases import fill
from tests.nasty import Nasty

Row = dict[str, Any]
Rows = list[Row]

RULES = load_rules()
START = date(2026, 11, 20)
EDGES = (date(2024, 6, 30), date(2024, 7, 1), date(2026, 8, 31), date(2026, 9, 1), date(2026, 12, 31), date(2027, 1, 1))
"""Days on either side of a regime's start, of the legacy deadline, of the AI notice, of a year."""
INCREMENTAL, FULL = "an incremental audit", "a full audit"


class Author(Nasty):
    """Makes rows for a catalog of so many titles."""

    def rows(self) -> dict[str, Rows]:
        """All relations; the register is fresh, so that its rules decide."""
        relations = {
            "titles": [self.title(f"t{place}") for place in range(self._count)],
            "register": [self.register_row() for _ in range(self._count)],
            "platforms": complete("platforms", self._platforms()),
            "issuers": complete("issuers", [{"short_name": "甲", "level": "platform", "operator": "甲公司"}]),
            "labels": [self.label() for _ in range(2 * self._count)],
            "episodes": [self.episode() for _ in range(2 * self._count)],
            "placements": [self.placement() for _ in range(self._count)],
            "dossiers": [],
        }
        for place, row in enumerate(relations["placements"]):
            row["placement_id"] = f"s{place}"
        return relations

    def title(self, title_id: str) -> Row:
        """A title; nearly half of them have a register row and a label of their own."""
        return {**complete("titles", [self._title(0)])[0], "title_id": title_id}

    def register_row(self) -> Row:
        """A row of the register."""
        return {**complete("register", [self._register_row()])[0], "updated_at": datetime(2026, 11, 18)}

    def label(self) -> Row:
        """A label of any title."""
        return complete("labels", [self._label()])[0]

    def episode(self) -> Row:
        """An episode of any title."""
        return complete("episodes", [self._episode(1)])[0]

    def placement(self) -> Row:
        """A placement of any title."""
        return complete("placements", [self._placement()])[0]


@dataclass
class World:
    """The catalog, the day, the policy and the waivers; audited in full, and going on from night to night."""

    folder: Path
    random: Random
    author: Author
    rows: dict[str, Rows]
    day: date = START
    policy: Policy = field(default_factory=load_policy)
    waivers: list[Waiver] = field(default_factory=list)
    nights: int = 0
    in_database: bool = False
    """Audit the rows in SQLite, and not as Parquet files."""
    last: Path | None = None
    remembered: list[tuple[str, Row, Row]] = field(default_factory=list)

    @classmethod
    def of(cls, folder: Path, seed: int, titles: int = 40) -> World:
        """A new one."""
        author = Author(seed, titles)
        return cls(folder, Random(seed), author, author.rows())

    # What may happen in a day. Each change of a title or of a register row moves its watermark.

    def edit_title(self) -> None:
        """One column of a title becomes what another title could have there."""
        row, other = self._any("titles"), self.author.title("")
        column = self.random.choice([name for name in other if name not in ("title_id", "updated_at")])
        self._edit("titles", row, {column: other[column]})
        if row["status"] in ("online", "scheduled") and row["online_at"] is None:
            row["online_at"] = datetime(2026, 6, 1)

    def reuse_number(self) -> None:
        """A title takes the number of another; `take_back` may undo it."""
        one, other = self._any("titles"), self._any("titles")
        self._remember("titles", one)
        self._edit("titles", one, {"permit_number": other["permit_number"]})

    def register_number(self) -> None:
        """A title's number comes into the register."""
        title = self._any("titles")
        if title["permit_number"]:
            names = {"permit_number": title["permit_number"], "title_name": title["name"], "status": "active"}
            self.rows["register"].append({**self.author.register_row(), **names, "updated_at": self._now()})

    def edit_register(self) -> None:
        """A number is revoked, suspended, or active again; a name or a number is corrected."""
        other = self.author.register_row()
        column = self.random.choice(
            ["status", "status", "title_name", "alt_name", "producer", "issued_on", "permit_number"]
        )
        self._edit("register", self._any("register"), {column: other[column]})

    def issue(self) -> None:
        """A number is issued about now: a draft with it comes online too early on one day, and not on the next."""
        self._edit("register", self._any("register"), {"issued_on": self.day + timedelta(self.random.randint(-1, 2))})

    def vanish(self) -> None:
        """A row is gone, of whatever relation."""
        relation = self.random.choice(["titles", "register", "labels", "episodes", "placements"])
        if len(self.rows[relation]) > 5:
            self.rows[relation].remove(self._any(relation))

    def appear(self) -> None:
        """A new row, of whatever relation."""
        relation, make = self.random.choice(
            [
                ("titles", lambda: {**self.author.title(f"n{self._stamp()}"), "updated_at": self._now()}),
                ("labels", self.author.label),
                ("episodes", self.author.episode),
                ("placements", lambda: {**self.author.placement(), "placement_id": f"n{self._stamp()}"}),
            ]
        )
        place = self.random.randrange(len(self.rows[relation]) + 1)
        self.rows[relation].insert(place, make())

    def edit_evidence(self) -> None:
        """A label is read again, an episode cut again; nothing but the row says so."""
        relation, make = self.random.choice(
            [("labels", self.author.label), ("episodes", self.author.episode), ("placements", self.author.placement)]
        )
        row, other = self._any(relation), make()
        column = self.random.choice([name for name in other if name not in ("title_id", "placement_id")])
        row[column] = other[column]

    def edit_platform(self) -> None:
        """A platform loses its licence, has one again, or until another day."""
        row = self._any("platforms")
        column, value = self.random.choice(
            [
                ("av_licence", None), ("av_licence", "1"), ("registration_no", None), ("registration_no", "2"),
                ("valid_until", None), ("valid_until", self.day), ("valid_until", self.day - timedelta(1)),
                ("valid_until", self.day + timedelta(1)),
            ]
        )  # fmt: skip
        row[column] = value

    def edit_issuers(self) -> None:
        """An issuer becomes another's, or a platform has another name in its numbers."""
        if self.random.random() < 0.5:
            self._any("issuers")["operator"] = self.random.choice(["甲公司", "番茄公司", None])
        else:
            self._any("platforms")["short_names"] = self.random.choice(["番茄", "快手", "抖音,丁", None])

    def break_row(self) -> None:
        """A row breaks the contract; `take_back` may mend it."""
        relation, column, value = self.random.choice(
            [
                ("titles", "investment_yuan", -1), ("titles", "platform", "nobody"), ("titles", "title_id", "t1"),
                ("titles", "online_at", datetime(1980, 1, 1)), ("labels", "confidence", 2.0),
                ("episodes", "duration_s", -5), ("placements", "starts_at", datetime(2200, 1, 1)),
                ("register", "issued_on", date(1950, 1, 1)),
            ]
        )  # fmt: skip
        row = self._any(relation)
        self._remember(relation, row)
        self._edit(relation, row, {column: value})

    def take_back(self) -> None:
        """The last change that is remembered is undone."""
        if self.remembered:
            relation, row, before = self.remembered.pop()
            if any(row is one for one in self.rows[relation]):
                self._edit(relation, row, before)

    def shuffle(self) -> None:
        """An export in another order."""
        self.random.shuffle(self.rows[self.random.choice(list(self.rows))])

    def grant(self) -> None:
        """A waiver of something that the last run found."""
        if self.last is None:
            return
        found = pq.read_table(self.last / "findings.parquet").to_pylist()
        title_of = {row["title_id"]: row for row in self.rows["titles"]}
        found = [row for row in found if row["action"] != "warn" and row["title_id"] in title_of]
        if not found:
            return
        chosen = self.random.choice(sorted(found, key=repr))
        title = title_of[chosen["title_id"]]
        scope, subject = self.random.choice(
            [("title", chosen["title_id"]), ("platform", title["platform"]), ("producer", title["producer"] or "")]
        )
        permits = {row["title_id"]: row["permit"] for row in pq.read_table(self.last / "verdicts.parquet").to_pylist()}
        mine = scope == "title"
        self.waivers.append(
            Waiver(
                waiver_id=f"W{self._stamp()}", scope=scope, subject=subject, rule=chosen["rule"],
                last_on=self.day + timedelta(self.random.choice([0, 1, 30])), reason="r", ticket="t",
                requested_by="Li", approved_by="Wang", granted_on=self.day,
                permit=permits.get(chosen["title_id"]) if mine else None,
                evidence=seen(json.loads(chosen["evidence"])) if mine else None,
            )
        )  # fmt: skip

    def revoke(self) -> None:
        """A waiver is taken back."""
        if self.waivers:
            place = self.random.randrange(len(self.waivers))
            self.waivers[place] = replace(self.waivers[place], revoked_on=self.day)

    def pass_days(self) -> None:
        """Usually one day; now and then a jump, also back, as in a backfill."""
        self.day += timedelta(self.random.choice([1, 1, 1, 2, 7]))

    def jump(self) -> None:
        """To one side or the other of a day on which the law changes."""
        self.day = self.random.choice(EDGES)

    def edit_policy(self) -> None:
        """A rule is turned off or on."""
        rule = self.random.choice(["label-missing", "permit-malformed"])
        off = dict(self.policy.rules.off)
        off = {} if rule in off else {**off, rule: "tried"}
        self.policy = self.policy.model_copy(update={"rules": self.policy.rules.model_copy(update={"off": off})})

    def go_stale(self) -> None:
        """The extracts of one system stop coming, or come again."""
        system = self.random.choice(["key", "ordinary", "other"])
        rows = [row for row in self.rows["register"] if row["system"] == system]
        at = self.random.choice([datetime(2026, 1, 1), self._now()])
        for row in rows:
            row["updated_at"] = at

    # The nights.

    def night(self, *, proven: bool = True) -> Summary:
        """Audit, going on from the night before. Returns that audit's summary.

        `proven`: audit in full, too. Raises AssertionError where that says anything else.
        """
        catalog: Path | str = self.export()
        if self.in_database:
            catalog = fill(f"sqlite:///{catalog}/catalog.db", self.rows)
        ran, full = (self._folder(name) for name in ("incremental", "full"))
        one = self._audit(catalog, ran, incremental=True)
        if proven:
            self._audit(catalog, full, incremental=False)
            found = differences(ran, full)
            assert not found, "\n".join([*one.notes, *map(str, found)])
        self.last = ran
        return one

    def export(self) -> Path:
        """Begin a night: write the catalog as Parquet, each relation in one part or three."""
        self.nights += 1
        catalog = self._folder("catalog")
        for relation, rows in self.rows.items():
            parts = self.random.choice([1, 1, 3])
            size = -(-len(rows) // parts) or 1
            chunks = [rows[begin : begin + size] for begin in range(0, len(rows), size)] or [[]]
            (catalog / relation).mkdir()
            for place, chunk in enumerate(chunks):
                table = pa.Table.from_pylist(chunk, schema=arrow_schema(RELATIONS[relation]))
                pq.write_table(table, catalog / relation / f"{place}.parquet")
        return catalog

    def request(self, catalog: Path | str, folder: Path, *, incremental: bool) -> audit.AuditRequest:
        """What is asked of an audit of this night."""
        lists = () if self.last is None else (self.last / "block_list.parquet",)
        return audit.AuditRequest(
            catalog=str(catalog), folder=folder, as_of=self.day, policy=self.policy, run_id=folder.name,
            started_at=datetime.combine(START, time(3)) + timedelta(self.nights), memory="1GB", threads=2,
            previous_lists=lists, waivers=Waivers(self.waivers), details=True,
            incremental=incremental, keep=incremental, previous=self.last if incremental else None,
        )  # fmt: skip

    def _audit(self, catalog: Path | str, folder: Path, *, incremental: bool) -> Summary:
        request = self.request(catalog, folder, incremental=incremental)
        with patch.object(audit, "load_rules", return_value=RULES):  # to read them takes a third of a small audit
            return audit.run_audit(request, progress=lambda _: None)

    def _folder(self, name: str) -> Path:
        folder = self.folder / f"{name}-{self.nights}"
        folder.mkdir()
        return folder

    def _any(self, relation: str) -> Row:
        return self.random.choice(self.rows[relation])

    def _edit(self, relation: str, row: Row, values: Row) -> None:
        row |= values
        if "updated_at" in row:
            row["updated_at"] = self._now()

    def _remember(self, relation: str, row: Row) -> None:
        self.remembered.append((relation, row, dict(row)))

    def _now(self) -> datetime:
        """The same instant for all changes of a night: a watermark is no key."""
        return datetime(2026, 11, 18) + timedelta(minutes=1 + self.nights)

    def _stamp(self) -> str:
        return f"{self.nights}-{self.random.randrange(10**9)}"


Happening = Callable[[World], None]

HAPPENINGS: tuple[Happening, ...] = (
    World.edit_title, World.reuse_number, World.register_number, World.edit_register, World.issue, World.vanish,
    World.appear, World.edit_evidence, World.edit_platform, World.break_row, World.take_back, World.shuffle,
    World.grant, World.revoke, World.pass_days,
)  # fmt: skip
"""What may happen without ending in a full audit."""

UPHEAVALS: tuple[Happening, ...] = (World.edit_issuers, World.edit_policy, World.go_stale, World.jump)
"""What may end in one."""
