"""Where a drive went, drawn by its points alone: coloured by speed, with a scale and the impact."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import Colormap, ListedColormap, Normalize
from matplotlib.figure import Figure

from infra.cli.reporting.findings import Impact, Point
from infra.cli.reporting.units import KMH_PER_MPS

METRES_PER_DEGREE = 111_320.0
MOST_SEGMENTS = 4_000  # nobody sees more
NEAR_METRES, NARROWEST_METRES = 150.0, 300.0  # from the middle to the upper edge
WIDE, SQUARE = 1.45, 1.0  # as wide as they are high
PAPER, GRID, INK, IMPACT, CASING = "#f5f3ee", "#e3dfd6", "#1c1c1c", "#c4122f", "#5b5b5b"
UNTOLD = "#b9b9b9"  # where nobody told the speed
Array = Any  # Any: numpy's


@dataclass(frozen=True)
class Way:
    """In metres around its middle, or the impact."""

    x: Array
    y: Array
    kmh: Array
    impact: tuple[float, float] | None


def of(points: Sequence[Point], impact: Impact | None) -> Way:
    points = _thinned(points)
    latitudes = np.array([one.latitude for one in points])
    longitudes = np.array([one.longitude for one in points])
    middle = float(latitudes.mean()), float(longitudes.mean())
    stretch = METRES_PER_DEGREE * math.cos(math.radians(middle[0]))
    speeds = [math.nan if one.speed_mps is None else one.speed_mps for one in points]
    hit = None
    if impact and impact.latitude is not None and impact.longitude is not None:
        hit = (
            (impact.longitude - middle[1]) * stretch,
            (impact.latitude - middle[0]) * METRES_PER_DEGREE,
        )
    return Way(
        (longitudes - middle[1]) * stretch,
        (latitudes - middle[0]) * METRES_PER_DEGREE,
        np.array(speeds) * KMH_PER_MPS,
        hit,
    )


def draw(figure: Figure, way: Way) -> None:
    """All of it, and beside it the last metres before the impact."""
    known = way.kmh[np.isfinite(way.kmh)]
    scale = Normalize(0, max(30.0, float(known.max()) if known.size else 0.0))
    if way.impact is None:
        axes = [figure.subplots()]
    else:
        axes = list(figure.subplots(1, 2, width_ratios=(WIDE, SQUARE)))
        _draw_near(axes[1], way, way.impact, scale)
    _draw_all(axes[0], way, scale)
    bar = figure.colorbar(axes[0].collections[1], ax=axes, shrink=0.75, pad=0.015, aspect=28)
    bar.set_label("speed, km/h")
    bar.outline.set_visible(False)


def _draw_all(axes: Axes, way: Way, scale: Normalize) -> None:
    places = [(way.x, way.y), *([way.impact] if way.impact else [])]
    xs, ys = (np.concatenate([np.atleast_1d(one[axis]) for one in places]) for axis in (0, 1))
    half = max(np.ptp(xs) / WIDE, np.ptp(ys), NARROWEST_METRES) * 0.6
    middle = (xs.max() + xs.min()) / 2, (ys.max() + ys.min()) / 2
    _prepare(axes, middle, half, "The whole trip", shape=WIDE)
    _draw_line(axes, way, scale, width=3.5)
    for name, index, marker in (("start", 0, "o"), ("end", -1, "s")):
        there = float(way.x[index]), float(way.y[index])
        if way.impact and math.dist(there, way.impact) < half * 0.1:
            continue
        axes.plot(*there, marker, ms=9, mfc="white", mec=INK, mew=2, zorder=5)
        _label(axes, name, there, INK, leftwards=there[0] > middle[0])
    if way.impact:
        axes.plot(*way.impact, "X", ms=14, mfc=IMPACT, mec="white", mew=1.5, zorder=6)
        _label(axes, "impact", way.impact, IMPACT, leftwards=way.impact[0] > middle[0])


def _draw_near(axes: Axes, way: Way, impact: tuple[float, float], scale: Normalize) -> None:
    title = f"{NEAR_METRES:.0f} m around the impact"
    _prepare(axes, impact, NEAR_METRES, title, shape=SQUARE)
    _draw_line(axes, way, scale, width=5)
    axes.scatter(way.x, way.y, c="white", s=9, edgecolors=CASING, linewidths=0.6, zorder=4)
    axes.plot(*impact, "X", ms=18, mfc=IMPACT, mec="white", mew=1.5, zorder=6)


def _prepare(
    axes: Axes, middle: tuple[float, float], half: float, title: str, *, shape: float
) -> None:
    """As wide as `shape` says, with a grid as fine as its scale."""
    bar = _round_length(half * 0.5)
    steps = np.arange(-int(half * shape / bar), int(half * shape / bar) + 1) * bar
    axes.set_xticks(steps + middle[0])
    axes.set_yticks(steps + middle[1])
    axes.set_xlim(middle[0] - half * shape, middle[0] + half * shape)
    axes.set_ylim(middle[1] - half, middle[1] + half)
    axes.set_aspect("equal")
    axes.set_facecolor(PAPER)
    axes.set_title(title, loc="left", fontsize=11)
    axes.tick_params(length=0, labelbottom=False, labelleft=False)
    axes.grid(color=GRID, lw=0.8)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_color(GRID)
    left, low = middle[0] - half * (shape - 0.08), middle[1] - half * 0.9
    axes.plot([left, left + bar], [low, low], color=INK, lw=3, solid_capstyle="butt", zorder=7)
    text = f"{bar / 1_000:g} km" if bar >= 1_000 else f"{bar:g} m"
    axes.text(left, low + half * 0.03, text, fontsize=9, color=INK, zorder=7)
    north = middle[0] + half * (shape - 0.1), middle[1] + half * 0.92
    axes.annotate(
        "N",
        xy=north,
        xytext=(north[0], north[1] - half * 0.2),
        ha="center",
        fontsize=10,
        arrowprops={"arrowstyle": "-|>", "color": INK},
    )


def _draw_line(axes: Axes, way: Way, scale: Normalize, *, width: float) -> None:
    ends = np.column_stack([way.x, way.y])
    pieces = np.stack([ends[:-1], ends[1:]], axis=1)
    round_ends: dict[str, Any] = {"capstyle": "round", "joinstyle": "round"}
    axes.add_collection(
        LineCollection(list(pieces), colors=CASING, linewidths=width + 1.6, **round_ends),
        autolim=False,
    )
    line = LineCollection(
        list(pieces), cmap=_colours(), norm=scale, linewidths=width, zorder=3, **round_ends
    )
    line.set_array((way.kmh[:-1] + way.kmh[1:]) / 2)
    axes.add_collection(line, autolim=False)


def _colours() -> Colormap:
    """Told apart also by who sees no colours; without the end that fades on paper."""
    from matplotlib import colormaps

    return ListedColormap(colormaps["viridis"](np.linspace(0, 0.94, 256))).with_extremes(bad=UNTOLD)


def _label(axes: Axes, text: str, at: tuple[float, float], colour: str, *, leftwards: bool) -> None:
    axes.annotate(
        text,
        at,
        xytext=(-12, -16) if leftwards else (9, 9),
        ha="right" if leftwards else "left",
        textcoords="offset points",
        color=colour,
        fontsize=10,
        fontweight="bold",
        zorder=8,
        bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.8},
    )


def _round_length(metres: float) -> float:
    """1, 2 or 5 of a power of ten, not longer than that."""
    power = 10.0 ** math.floor(math.log10(metres))
    return float(max(step * power for step in (1, 2, 5) if step * power <= metres))


def _thinned(points: Sequence[Point]) -> Sequence[Point]:
    step = -(-len(points) // MOST_SEGMENTS)
    thin = list(points[::step])
    return thin if thin[-1] is points[-1] else [*thin, points[-1]]
