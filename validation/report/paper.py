"""Figures of claims for papers: as wide as a column, vectors, and text that stays text."""

from pathlib import Path
from typing import Any

from validation.records.conclusion import Conclusion
from validation.report.figures import draw

WIDTHS = {1: 89 / 25.4, 2: 183 / 25.4}
"""Inches by columns: 89 and 183 mm, those of Nature, to which most journals' are near."""
KINDS = ("pdf", "svg", "eps")
STYLE: Any = {
    "font.size": 7, "axes.labelsize": 7, "xtick.labelsize": 7, "ytick.labelsize": 7,
    "lines.linewidth": 1.0, "axes.linewidth": 0.6, "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    # Letters of TrueType fonts, and those of the reader: text can be searched and edited.
    "pdf.fonttype": 42, "ps.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "mvtheory",
}  # fmt: skip


def write_figure(results: Conclusion, claim: str, out: Path, columns: int = 1) -> Path:
    """Write the figure of a claim of a run, as wide as so many columns of a paper.

    Parameters
    ----------
    results : Conclusion
    claim : str
        Its name.
    out : Path
        A file that ends in .pdf, .svg or .eps.
    columns : int
        1 for a width of 89 mm, 2 for one of 183 mm.

    Raises
    ------
    ValueError
        The run has no such claim, or nothing of it to draw; the file is of another kind, or its
        folder is not there; or `columns` is another number.
    """
    from matplotlib import rc_context

    found = {record.name: record for record in results.claims}
    if claim not in found:
        raise ValueError(f"CLAIM={claim!r} is not in this run; choose from {', '.join(found)}")
    if columns not in WIDTHS:
        raise ValueError(f"columns={columns} is not allowed: 1 (89 mm) or 2 (183 mm)")
    if out.suffix[1:].lower() not in KINDS:
        ends = ", ".join(f".{kind}" for kind in KINDS)
        raise ValueError(f"out={str(out)!r} is not allowed: a file that ends in {ends}")
    if not out.absolute().parent.is_dir():
        raise ValueError(f"out={str(out)!r} is not allowed: make its folder first")
    record = found[claim]
    if not record.comparisons:
        raise ValueError(
            f"CLAIM={claim!r} has no finished replicate of every setting: nothing to draw; go on "
            "with the run first"
        )
    with rc_context(STYLE):
        kind = out.suffix[1:].lower()
        figure = draw(record.claim.panels, record.comparisons, WIDTHS[columns])
        # Without a date the same run gives the same bytes.
        dated = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}
        figure.savefig(out, format=kind, metadata=dated.get(kind))
    return out
