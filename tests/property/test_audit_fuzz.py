"""Mutated catalogs against whole audits, a few of them; `python -m tests.fuzz --cells 100000` tries many."""

from __future__ import annotations

import shutil
from copy import deepcopy
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.permits import Permit, parse
from compliance.sample import write_sample
from tests.catalogs import complete
from tests.fuzz.mutations import Mutator, Relations
from tests.fuzz.trials import AS_OF, read_catalog, try_catalog

TITLES, CELLS = 600, 300


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Relations:
    folder = tmp_path_factory.mktemp("fuzz")
    write_sample(folder, TITLES, as_of=AS_OF)
    return read_catalog(folder)


@pytest.mark.parametrize("seed", [1])
def test_whatever_the_cells_hold_every_title_is_accounted_for(seed: int, sample: Relations, tmp_path: Path) -> None:
    relations = deepcopy(sample)
    Mutator(seed).mutate(relations, CELLS)
    tally = try_catalog(relations, tmp_path)
    assert tally.quarantined > 0
    assert tally.wrong_numbers > CELLS / 10
    assert tally.decisions is not None
    assert min(tally.decisions[decision] for decision in ("allow", "hold", "block")) > 0


def test_an_unknown_word_stops_the_run(sample: Relations, tmp_path: Path) -> None:
    relations = deepcopy(sample)
    Mutator(1).break_column(relations)
    assert try_catalog(relations, tmp_path).code == 3


def test_a_wrong_number_is_not_the_right_one() -> None:
    number = "（番茄）网微剧备字（2026）第847205号"
    wrong = [Mutator(seed).wrong_number(number) for seed in range(200)]
    same = [text for text in wrong if isinstance(permit := parse(text), Permit) and permit.canonical == number]
    assert len(same) < 20  # a stray space or bracket leaves a number as it was


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
spiced = st.builds(
    "".join,
    st.lists(
        st.sampled_from(["（番茄）", "（", "）", "网微剧备字", "（2026）", "第", "847205", "号", "V", "备案号："])
        | texts,
        max_size=8,
    ),
)


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(st.tuples(texts | spiced, spiced, texts), min_size=60, max_size=60))
def test_whatever_is_typed_as_number_name_or_label(typed: list[tuple[str, str, str]]) -> None:
    ids = [f"t{place}" for place in range(len(typed))]
    relations = {
        "titles": complete(
            "titles",
            [
                {"title_id": title_id, "permit_number": number, "name": name}
                for title_id, (number, _, name) in zip(ids, typed, strict=True)
            ],
        ),
        "register": complete("register", [{}, *({"permit_number": shown} for _, shown, _ in typed)]),
        "platforms": complete("platforms", [{"platform": "fanqie"}]),
        "labels": complete(
            "labels",
            [
                {"title_id": title_id, "text": shown, "title_text": name}
                for title_id, (_, shown, name) in zip(ids, typed, strict=True)
            ],
        ),
        "episodes": complete("episodes", [{"title_id": title_id} for title_id in ids]),
        "placements": [],
    }
    folder = Path(mkdtemp(prefix="gate-typed-"))
    try:
        try_catalog(relations, folder)
    finally:
        shutil.rmtree(folder)
