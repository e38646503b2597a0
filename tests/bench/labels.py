"""Labels read from clips of which all is known: how many numbers are verified, how many wrongly, and how fast."""

from __future__ import annotations

import hashlib
import os
import statistics
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from compliance.labels.deciding import Outcome, decide
from compliance.labels.looking import Looker
from compliance.labels.media import Frame
from compliance.labels.models import Models
from compliance.labels.pool import read_all
from compliance.labels.tasks import Task
from compliance.labels.working import read_task
from compliance.permits.parsing import Permit, parse
from tests.bench.catalogs import HOME
from tests.bench.correctness import WrongFindings
from tests.bench.table import Row, markdown, put
from tests.labels.clips import Clip, Label, background, draw, lay, write
from tests.labels.sets import BACKGROUNDS, Case, near_misses, normal, number, spelt, stress

PAGE = Path(__file__).parents[2] / "docs" / "labels.md"
EPISODE_S = 60
_LIMIT_S = 600
_CROPS, _RIGHT_CROPS = 1_000, 500
_SPELT, _RIGHT_SPELT = 1_000, 300
_HARSH = (
    (12, 14, 16, 18, 20, 24, 28),
    (1.0, 0.7, 0.5, 0.4, 0.3),
    (0.0, 0.0, 0.6, 1.0, 1.4, 0.0, 0.8, 0.0, 1.2, 0.0, 0.0),
    (90, 60, 40, 25),
    (0, 1, 1),
)
"""Of the crops: height, opacity, blur, quality of the JPEG, outline; they take turns, each at its own pace."""
_TURNS = (2, 4)
"""Ways that cut a line out longer: where no 号 ends a number, what follows must be seen to be empty."""
_OUTCOMES = (Outcome.VERIFIED, Outcome.UNREADABLE, Outcome.ABSENT, Outcome.CONTRADICTED, Outcome.FAILED)


@dataclass(frozen=True, slots=True)
class Read:
    """A case and what came of it."""

    case: Case
    outcome: Outcome
    cpu_s: float


def labels(*, write_page: bool) -> Iterator[Row]:
    """Rows about both sets, near misses and speed; the table by condition goes to docs/labels.md where that is asked.

    Raises WrongFindings where a number that is not shown is verified.
    """
    within, beyond = read_cases(normal()), read_cases(stress())
    table = [*_lines("within the bounds", within), *_lines("beyond them", beyond)]
    print("\n".join(table), flush=True)  # noqa: T201 - this is a program that prints
    rows = []
    for row in (*_right(within, beyond), _near(), *speeds()):
        rows.append(row)
        yield row
    if write_page:
        put(PAGE, "\n".join([*table, markdown(rows)]))


def _right(within: Sequence[Read], beyond: Sequence[Read]) -> Iterator[Row]:
    for name, read, bar in (("within the bounds", within, 2.0), ("beyond them", beyond, 10.0)):
        verified = sum(one.outcome is Outcome.VERIFIED for one in read)
        missed = round(100 * (1 - verified / len(read)), 2)
        said = f"{verified} of {len(read)} verified"
        yield Row(f"labels {name}, right number shown", said, figure=missed, bar=bar, unit="% not verified")
    accused = sum(one.outcome is Outcome.CONTRADICTED for one in (*within, *beyond))
    crops, forms = right_crops(), right_spelt()
    accused += crops[Outcome.CONTRADICTED] + forms[Outcome.CONTRADICTED]
    total = len(within) + len(beyond) + crops.total() + forms.total()
    said = (
        f"{accused} of {total} contradicted ({crops[Outcome.VERIFIED]} of {crops.total()} harsh crops verified,"
        f" {forms[Outcome.VERIFIED]} of {forms.total()} in other spellings)"
    )
    yield Row("labels, right number shown", said, figure=100 * accused / total, bar=0.5, unit="% contradicted")


def _near() -> Row:
    clips, crops, forms = near_clips(), near_crops(), near_spelt()
    every = clips + crops + forms
    if wrong := every[Outcome.VERIFIED]:
        raise WrongFindings(f"{wrong} of {every.total()} numbers that are not shown were verified")
    said = (
        f"0 of {every.total()} verified ({clips.total()} clips, {crops.total()} crops, {forms.total()} in other"
        f" spellings); {every[Outcome.CONTRADICTED]} contradicted"
    )
    return Row("labels, another number shown (digit, year, issuer)", said, figure=0, bar=0, unit="verified")


def read_cases(cases: Sequence[Case], expected: Sequence[str] | None = None) -> list[Read]:
    """Read the cases' clips, by all processors, as `gate labels read` does."""
    wanted = expected or [case.expected for case in cases]
    tasks = [
        Task(clip_of(case), want, str(place)) for place, (case, want) in enumerate(zip(cases, wanted, strict=True))
    ]
    found = {task.title_id: done for task, done in read_all(tasks, workers=os.cpu_count() or 1, limit_s=_LIMIT_S)}
    return [Read(case, found[str(place)].outcome, found[str(place)].cpu_s) for place, case in enumerate(cases)]


def clip_of(case: Case) -> Path:
    """The case's clip, made when it is first asked for."""
    folder = HOME / "clips"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{hashlib.sha256(repr(case.clip).encode()).hexdigest()[:24]}.mp4"
    if not path.exists():
        write(case.clip, path.with_suffix(".part.mp4")).rename(path)
    return path


def near_clips() -> Counter[Outcome]:
    """Every clip of both sets, read for a number that it does not show; the kinds of difference take turns."""
    cases = [*normal(), *stress()]
    others = [near_misses(case.expected) for case in cases]
    wrong = [kinds[place % len(kinds)] for place, kinds in enumerate(others)]
    return Counter(one.outcome for one in read_cases(cases, wrong))


def near_crops() -> Counter[Outcome]:
    """Harsh crops, each drawn with a number of its own and read for another."""
    models, outcomes = Models(), Counter[Outcome]()
    for place in range(_CROPS):
        shown = number(place + 1_000)
        others = near_misses(shown)
        outcomes[_decided(models, place, shown, others[place % len(others)])] += 1
    return outcomes


def right_crops() -> Counter[Outcome]:
    """Harsh crops, read for the number that they show."""
    models = Models()
    return Counter(
        _decided(models, place, number(place + 5_000), number(place + 5_000)) for place in range(_RIGHT_CROPS)
    )


def near_spelt(places: Iterable[int] = range(_SPELT)) -> Counter[Outcome]:
    """Harsh crops in other spellings, each read for another number."""
    models, outcomes = Models(), Counter[Outcome]()
    for place in places:
        right, shown = spelt(place)
        others = near_misses(right)
        outcomes[_decided(models, place, shown, others[place // 7 % len(others)], turns=_TURNS)] += 1
    return outcomes


def right_spelt(places: Iterable[int] = range(20_000, 20_000 + _RIGHT_SPELT)) -> Counter[Outcome]:
    """Harsh crops in other spellings, read for the number that they show."""
    models, outcomes = Models(), Counter[Outcome]()
    for place in places:
        right, shown = spelt(place)
        outcomes[_decided(models, place, shown, right, turns=_TURNS)] += 1
    return outcomes


def _decided(models: Models, place: int, shown: str, expected: str, *, turns: Sequence[int] = ()) -> Outcome:
    """What three frames say; `turns`: of each frame the best reading is cut out again in these ways."""
    wanted = parse(expected)
    if not isinstance(wanted, Permit):
        raise TypeError(f"{expected} is no number")
    looker, sightings = Looker(models, wanted), []
    for frame in strips(place, shown):
        view = looker.search(frame)
        sightings += [seen.sighting for seen in view.seen]
        again = [looker.again(frame, seen, turn=turn) for seen in view.seen[:1] for turn in turns]
        sightings += [seen.sighting for seen in again if seen is not None]
    return decide(sightings, wanted.canonical).outcome


def strips(place: int, shown: str) -> Iterator[Frame]:
    """Three strips of picture with the number on them, as three frames of a moving picture are, squeezed as JPEG."""
    size, opacity, blur, quality, outline = (choices[place % len(choices)] for choices in _HARSH)
    ground = BACKGROUNDS[place % 5]
    colour = "black" if ground == "bright" else "white"
    ink = np.asarray(
        draw(Label(shown, size=size, opacity=opacity, blur=blur, outline=outline, colour=colour)), np.float32
    )
    for moment in range(3):
        picture = background(Clip(background=ground, seed=place % 23, height=320), 0.7 * moment + place % 9)[
            :160
        ].copy()
        lay(picture, ink, (24, 50))
        _, squeezed = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
        yield Frame(float(moment), np.asarray(cv2.imdecode(squeezed, cv2.IMREAD_COLOR), np.uint8))


def speeds() -> Iterator[Row]:
    """CPU seconds of an episode of 60 s, 720×1280: with the number in the opening, and with none at all."""
    label = Label(number(1), size=22, outline=1)
    models = Models()
    for name, shown, bar in (("in the opening", (label,), 150), ("nowhere", (), 12)):
        clip = clip_of(Case(name, Clip(shown, seconds=EPISODE_S, seed=3, background="cuts"), number(1)))
        task = Task(clip, number(1))
        read_task(models, task)
        times = []
        for _ in range(5):
            began = time.perf_counter()
            cpu = read_task(models, task).cpu_s
            times.append((cpu, time.perf_counter() - began))
        cpu, wall = (statistics.median(one) for one in zip(*times, strict=True))
        said = f"{EPISODE_S / cpu:.0f} × real time a core; {2 * 3600 / cpu:,.0f} an hour on two"
        yield Row(
            f"labels, 60 s episode, number {name} (wall {wall:.2f} s)",
            said,
            figure=cpu,
            bar=EPISODE_S / bar,
            unit="s of CPU",
        )


def _lines(name: str, read: Sequence[Read]) -> list[str]:
    """The table by condition."""
    counted: dict[str, Counter[Outcome]] = {}
    for one in read:
        counted.setdefault(one.case.condition, Counter())[one.outcome] += 1
    counted["all"] = Counter(one.outcome for one in read)
    head = f"| {name} | clips | {' | '.join(str(outcome) for outcome in _OUTCOMES)} | CPU s a clip |"
    lines = [head, f"| --- |{' --: |' * (len(_OUTCOMES) + 2)}"]
    for condition, outcomes in counted.items():
        seconds = [one.cpu_s for one in read if condition in (one.case.condition, "all")]
        cells = [str(outcomes[outcome] or "–") for outcome in _OUTCOMES]
        lines.append(f"| {condition} | {outcomes.total()} | {' | '.join(cells)} | {statistics.median(seconds):.2f} |")
    return [*lines, ""]
