"""Pictures of results as SVG, light on a white ground, with everything in them that they need."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from bench.report import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COLORS = ("#1f6feb", "#d1242f", "#1a7f37", "#9a6700", "#8250df", "#57606a")
WIDTH, LEFT, RIGHT, TOP = 820, 300, 70, 44
ROW, BAR = 15, 11
PLOT_HEIGHT, PLOT_LEFT, PLOT_BOTTOM = 220, 70, 60

Point = tuple[float, float]


def bars(title: str, groups: Mapping[str, Mapping[str, float]]) -> str:
    """A group of horizontal bars for each name, on a logarithmic scale with a line at 1."""
    series = list(dict.fromkeys(name for group in groups.values() for name in group))
    values = [value for group in groups.values() for value in group.values()]
    low, high = math.log10(min([0.5, *values])), math.log10(max([2.0, *values]))

    def place(value: float) -> float:
        return LEFT + (math.log10(value) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    parts, y = [*_legend(series)], TOP + 30.0
    for name, group in groups.items():
        parts.append(_text(LEFT - 10, y + ROW * len(group) / 2 + 4, name, "end"))
        for key, value in group.items():
            start, end = sorted((place(1), place(value)))
            parts.append(_bar(start, y, end - start, series.index(key)))
            parts.append(_text(max(end, place(1)) + 5, y + BAR - 1, f"{value:.2f}"))
            y += ROW
        y += 10
    parts.append(_line(place(1), TOP + 24, place(1), y))
    return _svg(title, y + 10, parts)


def lines(title: str, x_label: str, y_label: str, series: Mapping[str, Sequence[Point]]) -> str:
    """One line for each name, from zero upwards."""
    points = [point for each in series.values() for point in each]
    right, top = max([1.0, *(x for x, _ in points)]), max([1e-9, *(y for _, y in points)]) * 1.1
    bottom = TOP + 24 + PLOT_HEIGHT

    def place(point: Point) -> str:
        x = PLOT_LEFT + point[0] / right * (WIDTH - PLOT_LEFT - RIGHT)
        return f"{x:.1f},{bottom - point[1] / top * PLOT_HEIGHT:.1f}"

    parts = [*_legend(list(series)), _line(PLOT_LEFT, bottom, WIDTH - RIGHT, bottom)]
    for step in range(5):
        y = bottom - step / 4 * PLOT_HEIGHT
        parts += [_line(PLOT_LEFT - 4, y, PLOT_LEFT, y), _text(PLOT_LEFT - 8, y + 4, number(top * step / 4), "end")]
        x = PLOT_LEFT + step / 4 * (WIDTH - PLOT_LEFT - RIGHT)
        parts.append(_text(x, bottom + 18, number(right * step / 4), "middle"))
    parts += [_text(WIDTH / 2, bottom + 38, x_label, "middle"), _text(PLOT_LEFT - 60, TOP + 14, y_label)]
    for index, each in enumerate(series.values()):
        drawn = " ".join(place(point) for point in each)
        parts.append(
            f'<polyline points="{drawn}" fill="none" stroke="{COLORS[index % len(COLORS)]}" stroke-width="2"/>'
        )
    return _svg(title, bottom + PLOT_BOTTOM, parts)


def columns(title: str, groups: Mapping[str, Mapping[str, float]]) -> str:
    """For each name its bars beside one another in size, each group on a scale of its own, from zero."""
    parts, y = [], TOP + 6.0
    for name, group in groups.items():
        parts.append(_text(10, y + 12, name, weight="bold"))
        y += 18
        most = max([1e-9, *group.values()])
        for index, (key, value) in enumerate(group.items()):
            width = value / most * (WIDTH - LEFT - RIGHT - 20)
            parts += [
                _text(LEFT - 10, y + BAR - 1, key, "end"),
                _bar(LEFT, y, width, index),
                _text(LEFT + width + 5, y + BAR - 1, number(value)),
            ]
            y += ROW
        y += 10
    return _svg(title, y, parts)


def _legend(names: Sequence[str]) -> list[str]:
    step = (WIDTH - 40) / max(len(names), 1)
    parts = []
    for index, name in enumerate(names):
        x = 20 + index * step
        parts.append(f'<rect x="{x:.1f}" y="{TOP - 8}" width="10" height="10" fill="{COLORS[index % len(COLORS)]}"/>')
        parts.append(_text(x + 15, TOP + 1, name))
    return parts


def _bar(x: float, y: float, width: float, index: int) -> str:
    color = COLORS[index % len(COLORS)]
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" height="{BAR}" fill="{color}"/>'


def _text(x: float, y: float, text: str, anchor: str = "start", weight: str = "normal") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}">{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#57606a"/>'


def _svg(title: str, height: float, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img" '
        f'aria-label="{escape(title)}" font-family="sans-serif" font-size="12" fill="#1f2328">'
    )
    ground = f'<rect width="{WIDTH}" height="{height:.0f}" fill="#ffffff"/>'
    name = _text(WIDTH / 2, 20, title, "middle", "bold")
    return "\n".join([head, ground, name, *parts, "</svg>", ""])
