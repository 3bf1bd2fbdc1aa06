"""What notebooks show: small tables and curves as text of HTML and SVG, without any library."""

from collections.abc import Iterable, Sequence
from html import escape

WIDTH, HEIGHT, MARGIN = 240, 90, 6
"""Pixels of a curve, and of the room around it."""


def card(
    title: str, lines: Iterable[str], rows: Iterable[tuple[str, str]], figure: str = ""
) -> str:
    """A title in bold, lines of text, a table of names and values, and a figure at the end.

    Parameters
    ----------
    title, lines, rows
        Plain text; what is TeX between dollars is set by the notebook.
    figure : str
        SVG or nothing.

    Examples
    --------
    >>> card("C < 1", ["Coverage."], [("M", "views")])
    '<div><b>C &lt; 1</b><p>Coverage.</p><table><tr><td>M</td><td>views</td></tr></table></div>'
    """
    text = "".join(f"<p>{escape(line)}</p>" for line in lines)
    cells = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>" for name, value in rows
    )
    table = f"<table>{cells}</table>" if cells else ""
    return f"<div><b>{escape(title)}</b>{text}{table}{figure}</div>"


def curve(bands: Sequence[tuple[Sequence[float], Sequence[float]]], caption: str) -> str:
    """Curves from 0 up on one axis, as SVG with the ends of the axis; nothing without a curve.

    Parameters
    ----------
    bands : sequence of (x, y)
        Positions, ascending, and heights >= 0 of each curve.
    caption : str
        What is drawn, below it.

    Examples
    --------
    >>> curve([([0, 1], [0, 2])], "density").count("<polyline")
    1
    >>> curve([], "density")
    ''
    """
    if not bands:
        return ""
    left, right = min(x[0] for x, _ in bands), max(x[-1] for x, _ in bands)
    top = max(max(y) for _, y in bands)
    if not right > left or not top > 0:
        return ""
    scale = (WIDTH - 2 * MARGIN) / (right - left), (HEIGHT - 2 * MARGIN) / top
    lines = []
    for x, y in bands:
        places = " ".join(
            f"{MARGIN + (a - left) * scale[0]:.1f},{HEIGHT - MARGIN - b * scale[1]:.1f}"
            for a, b in zip(x, y, strict=True)
        )
        lines.append(
            f'<polyline points="{places}" fill="none" stroke="currentColor" stroke-width="1.5"/>'
        )
    floor = HEIGHT - MARGIN
    axis = f'<line x1="0" y1="{floor}" x2="{WIDTH}" y2="{floor}" stroke="currentColor"/>'
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{escape(caption)}">'
        f"{''.join(lines)}{axis}</svg>"
        f"<p><small>{escape(caption)}, from {left:.4g} to {right:.4g}</small></p>"
    )
