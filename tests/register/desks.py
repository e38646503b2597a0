"""Catalogs and registers for tests of the duties: a desk is short to set up."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from compliance.register.desk import Desk
from compliance.register.store import Store
from tests.catalogs import write_catalog
from tests.register.extracts import HEADER, POLICY, sqlite, take, write_csv

AS_OF = date(2026, 11, 23)
OWN = {"platform": "fanqie", "short_names": "番茄", "operator": "北京某某科技有限公司", "av_licence": "0100001"}


def title(title_id: str, **other: Any) -> dict[str, Any]:
    return {"title_id": title_id, "name": f"剧{title_id}", **other}


def desk(folder: Path, *titles: dict[str, Any], store: Store | None = None, **relations: Any) -> Desk:
    relations.setdefault("platforms", [OWN])
    catalog = write_catalog(folder / "catalog", titles=titles, register=None, labels=None, episodes=None, **relations)
    return Desk(str(catalog), store or sqlite(folder), POLICY, AS_OF)


def reported(folder: Path, *rows: list[Any], at: str | None = None) -> Store:
    """A register of the port 其他 with these rows, reported on that day."""
    store = sqlite(folder)
    lines = [(*HEADER, "上报时间"), *([*line, at or ""] for line in rows)]
    take(store, write_csv(folder / "extract.csv", lines))
    return store
