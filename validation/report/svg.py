"""Figures as SVG elements, to the byte the same for the same figure."""

import io
from typing import Any


def svg(figure: Any, letters: str = "path") -> str:
    """A figure of matplotlib, without a date.

    Its letters are drawn as paths, to look the same everywhere, or left to the reader's fonts
    ("none").
    """
    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": letters, "svg.hashsalt": "mvtheory"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]
