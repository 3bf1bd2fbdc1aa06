"""Figures as SVG elements, to the byte the same for the same figure."""

import io
from typing import Any


def svg(figure: Any, letters: str = "path") -> str:
    """A figure of matplotlib, without a date.

    Its letters are drawn as paths, to look the same everywhere, or left to the reader's fonts
    ("none").
    """
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    buffer = io.StringIO()
    canvas = FigureCanvasSVG(figure)
    with matplotlib.rc_context({"svg.fonttype": letters, "svg.hashsalt": "mvtheory"}):
        if engine := figure.get_layout_engine():
            # By the widths of letters in such a file; saving would draw everything once more.
            dots, figure.dpi = figure.dpi, canvas.fixed_dpi
            engine.execute(figure)
            figure.set_layout_engine("none")
            figure.dpi = dots
        canvas.print_svg(buffer, metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]
