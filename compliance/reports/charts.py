"""The trend over runs as a picture that is part of the page: SVG, drawn without a library."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from compliance.reports.lines import RunPoint

SHOWN_RUNS = 60
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 720, 200, 84, 24, 26


def trend_chart(runs: Sequence[RunPoint]) -> Markup:
    """Blocked and held titles of the last runs as two lines; empty for fewer than two runs."""
    shown = runs[-SHOWN_RUNS:]
    if len(shown) < 2:
        return Markup()
    top = _round_top(max(max(run.block, run.hold) for run in shown))
    lines = Markup().join(_line(shown, decision, top) for decision in ("hold", "block"))
    return Markup(
        '<svg class="trend" viewBox="0 0 {w} {h}" role="img" aria-label="trend">{grid}{lines}'
        '<text x="{left}" y="{bottom}">{first}</text><text x="{w}" y="{bottom}" text-anchor="end">{last}</text></svg>'
    ).format(
        w=_WIDTH,
        h=_HEIGHT,
        left=_LEFT,
        bottom=_HEIGHT - 6,
        grid=_grid(top),
        lines=lines,
        first=shown[0].as_of,
        last=shown[-1].as_of,
    )


def _round_top(most: int) -> int:
    """The least of 2, 4, 6, 8, 10, 20, 40 … that is not below it: its half is whole, too."""
    scale = 1
    while True:
        for step in (2, 4, 6, 8, 10):
            if most <= step * scale:
                return step * scale
        scale *= 10


def _y(value: float, top: int) -> float:
    return round(_TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - value / top), 1)


def _grid(top: int) -> Markup:
    return Markup().join(
        Markup('<line x1="{}" x2="{}" y1="{y}" y2="{y}"/><text x="{}" y="{}" text-anchor="end">{:,}</text>').format(
            _LEFT, _WIDTH, _LEFT - 8, _y(value, top) + 4, value, y=_y(value, top)
        )
        for value in (0, top // 2, top)
    )


def _line(runs: Sequence[RunPoint], decision: str, top: int) -> Markup:
    step = (_WIDTH - _LEFT - 8) / (len(runs) - 1)
    places = [(round(_LEFT + place * step, 1), _y(getattr(run, decision), top)) for place, run in enumerate(runs)]
    drawn = Markup('<polyline class="{}" points="{}"/>').format(decision, " ".join(f"{x},{y}" for x, y in places))
    dots = (
        Markup('<circle class="{}" cx="{}" cy="{}" r="3"><title>{}: {:,}</title></circle>').format(
            decision, x, y, run.as_of, getattr(run, decision)
        )
        for (x, y), run in zip(places, runs, strict=True)
    )
    last = Markup('<text class="{}" x="{}" y="{}" text-anchor="end">{:,}</text>').format(
        decision, places[-1][0], places[-1][1] - 8, getattr(runs[-1], decision)
    )
    return drawn + Markup().join(dots) + last
