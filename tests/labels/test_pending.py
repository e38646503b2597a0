"""Which episodes are read, in which order, from which files; and what the audit makes of what was read."""

from __future__ import annotations

import json
import shutil
import sqlite3
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from compliance.cli.main import main
from compliance.errors import CatalogError, ConfigurationError
from compliance.labels.deciding import Outcome
from compliance.labels.exporting import export, unsettled
from compliance.labels.pending import locator, pending
from compliance.labels.store import FILE, Evidence
from compliance.labels.tasks import Done, NoticeFound, Task
from compliance.permits.parsing import Permit, find
from tests.catalogs import NUMBER, write_catalog
from tests.labels.clips import Clip, Label, write

DAY = date(2026, 11, 20)
FILM = Done(Outcome.VERIFIED, NUMBER, NUMBER)


def names(catalog: Path, store: Evidence, **more: Any) -> list[tuple[str | None, int | None]]:
    found = pending(str(catalog), store, locator("/media/{title_id}/{episode_no}.mp4", Path()), as_of=DAY, **more)
    return [(task.title_id, task.episode_no) for task in found.tasks]


def test_the_most_urgent_come_first(tmp_path: Path) -> None:
    late, soon = datetime(2026, 11, 25), datetime(2026, 11, 21)  # noqa: DTZ001 - wall time
    titles = [
        {"title_id": "draft", "status": "draft", "online_at": None},
        {"title_id": "online"},
        {"title_id": "late", "status": "scheduled", "online_at": late},
        {"title_id": "soon", "status": "scheduled", "online_at": soon},
        {"title_id": "first", "status": "scheduled", "online_at": late},
        {"title_id": "promoted", "promoted": True},
        {"title_id": "shown"},
        {"title_id": "over"},
        {"title_id": "gone", "status": "offline"},
        {"title_id": "other", "kind": "other"},
    ]
    episodes = [{"title_id": title["title_id"], "episode_no": number} for title in titles for number in (1, 2)]
    slot = {"slot": "first_screen", "starts_at": datetime(2026, 11, 1)}  # noqa: DTZ001 - wall time
    placements = [
        {"title_id": "shown", **slot},
        {"title_id": "first", **slot},
        {"title_id": "over", **slot, "ends_at": datetime(2026, 11, 19)},  # noqa: DTZ001 - wall time
    ]
    catalog = write_catalog(tmp_path, titles=titles, episodes=episodes, placements=placements)
    order = names(catalog, Evidence(tmp_path / "evidence"))

    firsts = [title for title, number in order if number == 1]
    assert firsts == ["promoted", "shown", "first", "soon", "late", "online", "over", "draft"]
    assert order[:4] == [("promoted", 1), ("shown", 1), ("promoted", 2), ("shown", 2)]


def test_fresh_evidence_is_not_read_again(tmp_path: Path) -> None:
    titles = [{"title_id": "t1"}, {"title_id": "t2", "form": "ai"}]
    episodes = [{"title_id": title, "episode_no": 1, "media_hash": "h1"} for title in ("t1", "t2")]
    catalog, store = write_catalog(tmp_path, titles=titles, episodes=episodes), Evidence(tmp_path / "evidence")
    task = Task(Path("1.mp4"), NUMBER, "t1", 1, "h1")

    assert names(catalog, store) == [("t1", 1), ("t2", 1)]
    store.keep(task, replace(FILM, outcome=Outcome.FAILED, reason="reader_crashed"))
    assert names(catalog, store) == [("t1", 1), ("t2", 1)]
    store.keep(replace(task, media_hash="h0"), FILM)
    store.keep(replace(task, expected=None), FILM)
    assert names(catalog, store) == [("t1", 1), ("t2", 1)]
    store.keep(task, FILM)
    assert names(catalog, store) == [("t2", 1)]
    store.keep(replace(task, title_id="t2"), FILM)
    assert names(catalog, store) == [("t2", 1)]  # its AI notice was not looked for
    store.keep(replace(task, title_id="t2"), replace(FILM, notice_looked_for=True))
    assert names(catalog, store) == []


def test_a_video_that_could_not_be_read_is_read_again_once_it_is_another_file(tmp_path: Path) -> None:
    """A placeholder, a broken upload, another title's file: the catalog's hash was right all the time."""
    catalog = write_catalog(tmp_path, episodes=[{"title_id": "t1", "episode_no": 1, "media_hash": "h1"}])
    store, video = Evidence(tmp_path / "evidence"), tmp_path / "t1.mp4"
    find_it = locator(str(tmp_path / "{title_id}.mp4"), tmp_path)
    video.write_bytes(b"")
    (task,) = pending(str(catalog), store, find_it, as_of=DAY).tasks
    stat = video.stat()
    failed = Done(Outcome.FAILED, reason="empty_file", size=0, changed_ns=stat.st_mtime_ns)
    store.keep(task, failed)

    unchanged = pending(str(catalog), store, find_it, as_of=DAY)
    assert (unchanged.tasks, unchanged.nowhere) == ([], 1)
    video.write_bytes(b"whole by now")
    again = pending(str(catalog), store, find_it, as_of=DAY)
    assert (again.tasks, again.nowhere) == ([task], 0)


def test_a_video_that_was_read_is_read_again_once_it_is_another_file(tmp_path: Path) -> None:
    """An upload that broke off showed no number; the catalog's hash was that of the whole from the first."""
    catalog = write_catalog(tmp_path, episodes=[{"title_id": "t1", "episode_no": 1, "media_hash": "h1"}])
    store, video = Evidence(tmp_path / "evidence"), tmp_path / "t1.mp4"

    def asked() -> list[Task]:
        return pending(str(catalog), store, locator(str(tmp_path / "{title_id}.mp4"), tmp_path), as_of=DAY).tasks

    for content, outcome in ((b"half", Outcome.ABSENT), (b"the whole", Outcome.VERIFIED)):
        video.write_bytes(content)
        (task,) = asked()
        stat = video.stat()
        store.keep(task, Done(outcome, NUMBER, NUMBER, size=stat.st_size, changed_ns=stat.st_mtime_ns))
        assert asked() == []
    assert [kept.outcome for kept in store.of_title("t1")] == [Outcome.VERIFIED]
    video.unlink()
    assert asked() == []  # put away after it was read


@pytest.mark.parametrize("change", [{"media_hash": "h2"}, {"expected": None}, {"notice_wanted": True}])
def test_a_reading_that_does_not_answer_the_task_is_not_taken_for_its_answer(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    video = tmp_path / "1.mp4"
    video.write_bytes(b"a video")
    stat, store = video.stat(), Evidence(tmp_path / "evidence")
    task = Task(video, NUMBER, "t1", 1, "h1")
    kept = store.keep(task, replace(FILM, size=stat.st_size, changed_ns=stat.st_mtime_ns))
    assert store.of_file(task) == kept
    assert store.of_file(replace(task, **change)) is None


def test_videos_that_are_not_there_take_no_turn_from_those_that_are(tmp_path: Path) -> None:
    titles = [{"title_id": "gone", "promoted": True}, {"title_id": "there"}]
    episodes = [{"title_id": title["title_id"], "episode_no": number} for title in titles for number in (1, 2, 3)]
    catalog = write_catalog(tmp_path / "catalog", titles=titles, episodes=episodes)
    (tmp_path / "there").mkdir()
    for number in (1, 2, 3):
        (tmp_path / "there" / f"{number}.mp4").write_bytes(b"a video")
    find_it = locator("{title_id}/{episode_no}.mp4", tmp_path)
    found = pending(str(catalog), Evidence(tmp_path / "evidence"), find_it, as_of=DAY, most=4).tasks
    assert [(task.title_id, task.episode_no) for task in found] == [
        ("there", 1),
        ("there", 2),
        ("there", 3),
        ("gone", 1),
    ]


def test_a_catalog_without_episodes_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="no episodes"):
        names(write_catalog(tmp_path, episodes=None), Evidence(tmp_path / "evidence"))


def test_videos_are_found_by_template_or_table(tmp_path: Path) -> None:
    found = locator("media/{title_id}/e{episode_no:03d}.mp4", tmp_path)
    assert found("t1", 7, None) == tmp_path / "media/t1/e007.mp4"
    assert found("../../etc", 7, None) is None
    assert found("/etc", 7, None) == tmp_path / "media/etc/e007.mp4"
    (tmp_path / "list").mkdir()
    (tmp_path / "list" / "media.csv").write_text("title_id,episode_no,path\nt1,1,films/a.mp4\nt1,2,/b.mp4\n")
    listed = locator("list/media.csv", tmp_path)
    assert (listed("t1", 1, None), listed("t1", 2, None), listed("t2", 1, None)) == (
        tmp_path / "list/films/a.mp4",
        Path("/b.mp4"),
        None,
    )
    for wrong in ("{title}.mp4", "{title_id", "nowhere.csv"):
        with pytest.raises(ConfigurationError):
            locator(wrong, tmp_path)


def test_what_frames_do_not_agree_on_accuses_nobody(tmp_path: Path) -> None:
    store = Evidence(tmp_path)
    notice = NoticeFound("AI生成", 1.0, 0.9, b"\xff\xd8")
    guess = Done(Outcome.UNREADABLE, None, "（番茄）网微剧备字（2026）第847206号", notice=notice)
    store.keep(Task(Path("1.mp4"), NUMBER, "t1", 1), guess)
    store.keep(Task(Path("2.mp4"), NUMBER, "t1", 2), Done(Outcome.ABSENT))
    store.keep(Task(Path("3.mp4"), NUMBER, "t1", 3), FILM)
    store.keep(Task(Path("3.mp4"), NUMBER, "t1", 3), Done(Outcome.FAILED, reason="no_file"))

    assert export(store) == 2
    guessed, verified = pq.read_table(tmp_path / "labels").to_pylist()
    assert not isinstance(find(guessed["text"]), Permit)
    assert guessed["confidence"] is None
    assert verified["text"] == NUMBER
    notices = {row["episode_no"]: row["ai_notice"] for row in pq.read_table(tmp_path / "ai_notices").to_pylist()}
    assert notices == {1: True, 2: None, 3: None}
    assert not isinstance(find(unsettled("V11004342001101")), Permit)


@pytest.mark.cjk_font
def test_pending_episodes_are_read_and_the_audit_holds_but_never_blocks_by_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong number on the screen is held, the right one passes; when the video changes, its evidence is void."""
    wrong = NUMBER.replace("847205", "847206")
    size: dict[str, Any] = {"seconds": 1.6, "width": 540, "height": 960, "background": "plain"}
    for title, shown in (("t1", NUMBER), ("t2", wrong)):
        (tmp_path / "media" / title).mkdir(parents=True)
        notice = Label("AI生成", size=30, place="top_right", outline=1)
        write(Clip((Label(shown, size=26, outline=1), notice), **size), tmp_path / "media" / title / "1.mp4")
    titles = [{"title_id": "t1", "form": "ai"}, {"title_id": "t2"}]
    episodes = [{"title_id": title, "episode_no": 1, "media_hash": f"cut-1-{title}"} for title in ("t1", "t2")]
    write_catalog(tmp_path / "catalog", titles=titles, episodes=episodes, labels=None)
    (tmp_path / "gate.toml").write_text(
        'catalog = "catalog"\nout = "out"\n[labels]\nmedia = "media/{title_id}/{episode_no}.mp4"\nworkers = 1\n'
    )
    monkeypatch.chdir(tmp_path)

    assert main(["labels", "read", "--pending", "--json"]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["title_id"]: (line["outcome"], line["permit"]) for line in lines} == {
        "t1": ("verified", NUMBER),
        "t2": ("contradicted", wrong),
    }
    assert {line["title_id"]: line.get("ai_notice") for line in lines}["t1"] == "AI生成"
    assert main(["labels", "read", "--pending"]) == 0

    shutil.copytree(tmp_path / "out" / "labels" / "labels", tmp_path / "catalog" / "labels")
    assert audited(tmp_path) == {"t2": {"label-differs": "hold"}}
    capsys.readouterr()
    assert main(["explain", "t2"]) == 1
    explained = capsys.readouterr().out
    assert f"shows {wrong}" in explained
    assert ".jpg" in explained

    again = [{**episode, "media_hash": episode["media_hash"].replace("cut-1", "cut-2")} for episode in episodes]
    write_catalog(tmp_path / "catalog2", titles=titles, episodes=again, labels=None)
    shutil.copy(tmp_path / "catalog2" / "episodes.parquet", tmp_path / "catalog" / "episodes.parquet")
    assert audited(tmp_path) == {title: {"label-stale": "hold"} for title in ("t1", "t2")}


def audited(place: Path) -> dict[str, dict[str, str]]:
    """Label findings by title and rule."""
    assert main(["audit", "--as-of", "2026-11-20", "--no-reports"]) in (0, 1)
    found: dict[str, dict[str, str]] = {}
    for row in pq.read_table(place / "out" / "findings.parquet").to_pylist():
        if row["rule"].startswith("label-"):
            found.setdefault(row["title_id"], {})[row["rule"]] = row["action"]
    return found


def test_who_only_reads_needs_to_write_nothing(tmp_path: Path) -> None:
    """`gate explain` and the service may run as a user who may only read."""
    folder = tmp_path / "evidence"
    Evidence(folder).keep(Task(tmp_path / "1.mp4", NUMBER, "t1", 1, "h1"), FILM)
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert [kept.outcome for kept in Evidence(folder).of_title("t1")] == [FILM.outcome]
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    with sqlite3.connect(folder / FILE) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("delete",)
