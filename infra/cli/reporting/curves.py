"""How hard it was and how fast, second by second around the impact."""

from collections.abc import Sequence
from datetime import datetime

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from infra.cli.reporting.dossier import AROUND, Dossier
from infra.cli.reporting.findings import Point, before
from infra.cli.reporting.units import KMH_PER_MPS, kmh, provider_name
from infra.cli.reporting.way import GRID, IMPACT, INK

FORCE, SPEED, CAMERA, LIMIT = "#3b3f8f", "#13716a", "#b8651b", "#8a8a8a"


def draw(figure: Figure, dossier: Dossier, moment: datetime) -> None:
    shaken, fast = figure.subplots(2, 1, sharex=True)
    _draw_force(shaken, dossier, moment)
    _draw_speed(fast, dossier, moment)
    for axes in (shaken, fast):
        axes.axvline(0, color=IMPACT, lw=1.4, zorder=1)
        axes.grid(color=GRID, lw=0.8)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
    span = AROUND.total_seconds()
    fast.set_xlim(-span, span)
    fast.set_xlabel("seconds from the impact")


def _draw_force(axes: Axes, dossier: Dossier, moment: datetime) -> None:
    axes.set_title("G-force of the phone", loc="left", fontsize=11)
    axes.set_ylabel("g")
    if not dossier.motion:
        _say(axes, "no phone told it")
        return
    seconds = [(one.time - moment).total_seconds() for one in dossier.motion]
    forces = [one.acceleration_g for one in dossier.motion]
    axes.plot(seconds, forces, color=FORCE, lw=1.3)
    highest = max(forces)
    at = seconds[forces.index(highest)]
    axes.annotate(
        f"{highest:.1f} g",
        (at, highest),
        xytext=(8, -4),
        textcoords="offset points",
        color=FORCE,
        fontweight="bold",
    )
    axes.set_ylim(top=highest * 1.15)


def _draw_speed(axes: Axes, dossier: Dossier, moment: datetime) -> None:
    axes.set_title("Speed", loc="left", fontsize=11)
    axes.set_ylabel("km/h")
    near = dossier.nearby
    _plot(axes, near, moment, SPEED, f"points of {provider_name(dossier.points_of)}")
    for provider, track in dossier.tracks.items():
        _plot(axes, track, moment, CAMERA, f"track of {provider_name(provider)}", style="--")
    limits = [one for one in near if one.speed_limit_mps is not None]
    if limits:
        axes.step(
            [_apart(one, moment) for one in limits],
            [(one.speed_limit_mps or 0) * KMH_PER_MPS for one in limits],
            where="post",
            color=LIMIT,
            lw=1.2,
            label="speed limit",
        )
    _mark_before(axes, before(dossier.points, moment), moment)
    if axes.lines[:-1] or near:
        axes.legend(loc="upper right", frameon=False, fontsize=9)
    else:
        _say(axes, "nobody told it")
    axes.set_ylim(bottom=0)


def _plot(
    axes: Axes,
    points: Sequence[Point],
    moment: datetime,
    colour: str,
    label: str,
    style: str = "-",
) -> None:
    known = [one for one in points if one.speed_mps is not None]
    if known:
        axes.plot(
            [_apart(one, moment) for one in known],
            [(one.speed_mps or 0) * KMH_PER_MPS for one in known],
            style,
            color=colour,
            lw=1.6,
            marker="." if style == "-" else "",
            label=label,
        )


def _mark_before(axes: Axes, last: Point | None, moment: datetime) -> None:
    if last is None or moment - last.time > AROUND:
        return
    at = _apart(last, moment), (last.speed_mps or 0) * KMH_PER_MPS
    axes.plot(*at, "o", ms=10, mfc="none", mec=IMPACT, mew=2, zorder=5)
    axes.annotate(
        f"{kmh(last.speed_mps)} before the impact",
        at,
        xytext=(-12, 12),
        textcoords="offset points",
        ha="right",
        color=IMPACT,
        fontweight="bold",
    )
    axes.margins(y=0.25)


def _apart(point: Point, moment: datetime) -> float:
    return (point.time - moment).total_seconds()


def _say(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", color=INK)
