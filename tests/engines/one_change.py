"""The sound catalog that tests of one change at a time start from, and how many titles a night judged again."""

# ruff: noqa: DTZ001 - wall time in Asia/Shanghai, as the contract wants it

from __future__ import annotations

from datetime import date, datetime

from compliance.verdicts.summary import Summary
from tests.catalogs import NUMBER, Row, complete
from tests.nights import INCREMENTAL

OTHER = "（番茄）网微剧备字（2026）第111111号"
THIRD = "（番茄）网微剧备字（2026）第222222号"
AT = datetime(2026, 11, 19)


def rows_of(relation: str, *rows: Row) -> list[Row]:
    """Whole rows of a relation; those that have a watermark bear the same one."""
    return [{**row, **({"updated_at": AT} if "updated_at" in row else {})} for row in complete(relation, rows)]


def sound_rows() -> dict[str, list[Row]]:
    """Three sound titles, each with a number of its own in the register, and some on a platform that nobody touches."""
    names = {"t1": ("甲", NUMBER), "t2": ("乙", OTHER), "t3": ("丙", THIRD)}
    names |= {f"u{place}": (f"丁{place}", f"（红果）网微剧备字（2026）第{place}号") for place in range(1, 10)}
    platform = {title_id: "fanqie" if title_id < "u" else "hongguo" for title_id in names}
    return {
        "titles": rows_of(
            "titles",
            *(
                {"title_id": title_id, "platform": platform[title_id], "name": name, "permit_number": number}
                for title_id, (name, number) in names.items()
            ),
        ),
        "register": rows_of("register", *({"permit_number": p, "title_name": n} for n, p in names.values())),
        "platforms": rows_of(
            "platforms",
            {"platform": "fanqie", "valid_until": date(2027, 6, 1)},
            {"platform": "hongguo", "short_names": "红果", "operator": "另一家公司"},
        ),
        "issuers": [],
        "labels": rows_of("labels", *({"title_id": t, "text": p, "title_text": n} for t, (n, p) in names.items())),
        "episodes": rows_of("episodes", *({"title_id": title_id} for title_id in names)),
        "placements": rows_of("placements", *({"title_id": title_id} for title_id in names)),
        "dossiers": [],
    }


def judged(summary: Summary) -> int:
    """How many titles were judged in that night; the rest was carried."""
    note = summary.notes[-1]
    assert note.startswith(INCREMENTAL), note
    return int(note.split(" looked at")[0].rpartition(" ")[2].replace(",", ""))
