"""From boxes round text to lines: what stands side by side is one line, what stands in a column is read as one."""

from __future__ import annotations

import numpy as np

from compliance.labels.columns import bracketed
from compliance.labels.lines import below, cut, lines_of, stretched
from compliance.labels.models import Quad
from compliance.permits.parsing import Permit, find


def quad(left: float, top: float, right: float, bottom: float) -> Quad:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)


def boxes(*quads: Quad) -> list[tuple[tuple[int, int, int, int], bool]]:
    return [(line.box, line.column) for line in lines_of(quads)]


def test_pieces_at_one_height_are_one_line() -> None:
    assert boxes(quad(20, 100, 200, 130), quad(210, 101, 330, 131)) == [((20, 100, 330, 131), False)]


def test_pieces_far_apart_or_of_other_heights_are_not() -> None:
    assert len(boxes(quad(20, 100, 200, 130), quad(400, 100, 520, 130))) == 2
    assert len(boxes(quad(20, 100, 200, 130), quad(205, 90, 420, 150))) == 2


def test_what_is_nearly_square_is_no_line() -> None:
    assert boxes(quad(20, 100, 60, 130)) == []


def test_pieces_of_a_column_are_one_column() -> None:
    pieces = quad(20, 60, 50, 120), quad(21, 130, 49, 250), quad(20, 300, 50, 560)
    assert boxes(*pieces) == [((20, 60, 50, 560), True)]


def test_two_rows_may_be_one_number() -> None:
    rows = lines_of([quad(20, 100, 200, 130), quad(20, 132, 260, 162), quad(20, 600, 260, 630)])
    upper, lower = (next(n for n, row in enumerate(rows) if row.box[1] == top) for top in (100, 132))
    assert below(rows) == [(upper, lower)]


def test_a_half_found_line_is_stretched_to_where_it_goes_on() -> None:
    (line,) = lines_of([quad(200, 100, 300, 120)])
    begun, ended, neither = (stretched(line, text, 24).box for text in ("（番茄）网", "2号", "微剧"))
    assert begun[0] > 190
    assert begun[2] > 450
    assert ended[0] < 50
    assert ended[2] < 310
    assert neither[0] < 50
    assert neither[2] > 450


def test_a_tilted_line_is_cut_out_flat() -> None:
    image = np.zeros((200, 300, 3), np.uint8)
    (line,) = lines_of([np.array([(50, 50), (246, 85), (241, 114), (45, 79)], np.float32)])
    flat = cut(image, line)
    assert flat is not None
    assert flat.shape[:2] == (29, 199)
    assert cut(image, lines_of([quad(400, 300, 500, 320)])[0]) is None


def test_a_column_gets_its_brackets_back() -> None:
    for text in ("番茄网微剧备字2026第847205号", "一番茄一网微剧备字一2026一第847205号"):
        found = find(bracketed(text))
        assert isinstance(found, Permit)
        assert found.canonical == "（番茄）网微剧备字（2026）第847205号"
