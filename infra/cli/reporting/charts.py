"""The charts of a dossier as PNG: each for the page, and all of them below each other in a file."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import matplotlib
import numpy as np
from matplotlib import image
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from infra.cli.reporting import curves, way
from infra.cli.reporting.dossier import Dossier
from infra.cli.reporting.files import MARK

WIDTH_INCHES, DOTS_PER_INCH = 10.0, 150
MAP_INCHES, CURVES_INCHES, PAD_INCHES = 3.9, 5.2, 0.1
STYLE: Any = {  # Any: names of settings that its types spell out
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.titleweight": "bold",
}
Pixels = Any  # Any: numpy's


@dataclass(frozen=True)
class Charts:
    """What there was nothing for is empty."""

    map: bytes
    curves: bytes
    all: bytes


def of(dossier: Dossier) -> Charts:
    moment, points = dossier.moment, dossier.points
    mapped = curved = None
    with matplotlib.rc_context(STYLE):
        if len(points) > 1:
            there = way.of(points, dossier.impact)
            mapped = _drawn(MAP_INCHES, lambda figure: way.draw(figure, there))
        if moment is not None and (dossier.motion or dossier.nearby or dossier.tracks):
            curved = _drawn(CURVES_INCHES, lambda figure: curves.draw(figure, dossier, moment))
    name = dossier.case.id
    drawn = [one for one in (mapped, curved) if one is not None]
    return Charts(
        _png(mapped, name) if mapped is not None else b"",
        _png(curved, name) if curved is not None else b"",
        _png(np.vstack(drawn), name) if drawn else b"",
    )


def _drawn(height: float, draw: Callable[[Figure], None]) -> Pixels:
    layout = ConstrainedLayoutEngine(w_pad=PAD_INCHES, h_pad=PAD_INCHES)
    figure = Figure((WIDTH_INCHES, height), DOTS_PER_INCH, layout=layout)
    canvas = FigureCanvasAgg(figure)
    draw(figure)
    canvas.draw()  # type: ignore[no-untyped-call]  # of these two matplotlib tells no types
    pixels = canvas.buffer_rgba()  # type: ignore[no-untyped-call]
    return np.asarray(pixels)[:, :, :3]


def _png(pixels: Pixels, name: str) -> bytes:
    written = BytesIO()
    told = {"Software": MARK, "Title": name}
    image.imsave(written, np.ascontiguousarray(pixels), format="png", metadata=told)
    return written.getvalue()
