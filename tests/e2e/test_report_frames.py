"""Evidence frames in the reports: what `gate labels read` kept, beside the finding that it shows."""

from __future__ import annotations

import base64
import csv
import zipfile
from pathlib import Path

import pytest
import python_calamine

from compliance.cli.main import main
from compliance.labels.deciding import Outcome, Sighting
from compliance.labels.store import Evidence
from compliance.labels.tasks import Crop, Done, Task
from tests.browser import browser
from tests.catalogs import write_catalog

pytestmark = pytest.mark.chromium
SEEN = "（番茄）网微剧备字（2026）第847206号"


@pytest.fixture(scope="module")
def picture() -> bytes:
    """A JPEG of 60 by 20 pixels, drawn by the browser."""
    size = "width: 60, height: 20"
    draw = f"Object.assign(document.createElement('canvas'), {{ {size} }}).toDataURL('image/jpeg')"
    with browser() as page:
        return base64.b64decode(page.answer(draw).partition(",")[2])


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory, picture: bytes) -> Path:
    """A run in which the label of t1 shows another number; its frame is kept, and so is one of t2, which is fine."""
    home = tmp_path_factory.mktemp("framed")
    catalog = write_catalog(
        home / "catalog",
        titles=[{"title_id": "t1"}, {"title_id": "t2"}],
        labels=[{"title_id": "t1", "channel": "burned_in", "text": SEEN}, {"title_id": "t2"}],
    )
    with Evidence(home / "out" / "labels").writing() as store:
        for title_id, outcome in (("t1", Outcome.CONTRADICTED), ("t2", Outcome.VERIFIED)):
            seen = Sighting(1.2, SEEN, 0.97, SEEN, 9.0, box=(0, 0, 60, 20), frame_sha256="0" * 64)
            done = Done(outcome, number=SEEN, text=SEEN, at_s=1.2, confidence=0.97, crops=(Crop(seen, picture),))
            store.keep(Task(home / f"{title_id}.mp4", title_id=title_id, episode_no=1), done)
    arguments = ["audit", "--catalog", str(catalog), "--out", str(home / "out"), "--as-of", "2026-11-20"]
    assert main([*arguments, "--exit-zero", "--lang", "en"]) == 0
    return home / "out"


def test_the_page_shows_the_frame_of_a_finding_about_labels(out: Path) -> None:
    with browser() as page:
        page.open(out / "report.html")
        assert page.answer("document.images.length") == 0
        page.answer("document.querySelectorAll('#rows details').forEach((one) => { one.open = true })")
        page.answer("new Promise((done) => setTimeout(done, 300))")
        assert page.answer("[...document.images].map((image) => image.naturalWidth)") == [60]
        assert page.answer("document.querySelector('figcaption').textContent") == (
            f"episode 1 · 1.2 s · another number: {SEEN}"
        )
        assert page.complaints == []
        assert {url.partition(":")[0] for url in page.asked} == {"file", "data"}


def test_the_workbook_names_the_file_of_the_frame(out: Path) -> None:
    rows = python_calamine.CalamineWorkbook.from_path(out / "report.xlsx").get_sheet_by_name("Findings").to_python()
    frames = {row[4]: row[rows[0].index("Frame")] for row in rows[1:] if row[0] == "t1"}
    assert (out / "labels" / str(frames["label-differs"])).is_file()


def test_a_pack_brings_the_frames_along(out: Path, picture: bytes, tmp_path: Path) -> None:
    archive = tmp_path / "pack.zip"
    assert main(["report", str(out), "--to", str(tmp_path), "--pack", str(archive), "--title", "t1"]) == 0
    with zipfile.ZipFile(archive) as pack:
        table = pack.read("tables/frames.csv").decode("utf-8-sig").splitlines()
        (row,) = csv.DictReader(table)
        assert (row["title_id"], row["outcome"], row["text"]) == ("t1", "contradicted", SEEN)
        assert pack.read(f"frames/{row['path']}") == picture
        assert f"frames/{row['path']}" in pack.read("SHA256SUMS").decode()
