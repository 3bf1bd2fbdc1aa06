"""The report: one HTML file from results.json, readable on its own, rendered without torch."""

import io
from pathlib import Path
from typing import Any

from validation import store
from validation.figure import draw

VERDICT_WORDS = {
    "HOLDS": (
        "The trained networks confirm it: every 95 % interval lies inside the range that was "
        "fixed before training."
    ),
    "FAILS": (
        "The trained networks refute it: at least one interval, corrected for the number of "
        "comparisons, lies outside the range that was fixed before training."
    ),
    "INCONCLUSIVE": (
        "Not decided: at least one interval crosses the border of the range that was fixed before "
        "training, and none is wholly outside."
    ),
}


def svg(figure: Any) -> str:
    """A figure as an SVG element that looks the same everywhere: no fonts, no date."""
    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "path", "svg.hashsalt": "mvtheory"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def equation(latex: str) -> str:
    """An equation as an SVG element, set by matplotlib, so that the page needs no fonts."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 2))
    figure.patch.set_alpha(0)
    text = figure.text(0.5, 0.5, f"${latex}$", fontsize=17, math_fontfamily="cm", ha="center")
    box = text.get_window_extent()
    width, height = (box.width + 16) / figure.dpi, (box.height + 16) / figure.dpi
    middle = (0.5 * 2 * figure.dpi - box.y0 + 8) / figure.dpi
    figure.set_size_inches(width, height)
    text.set_position((0.5, middle / height))
    return svg(figure)


def write_report(out: Path) -> Path:
    """Render DIR/results.json to DIR/report.html and DIR/figures/CLAIM.svg."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    results = store.read_results(out)
    figures = {claim["name"]: svg(draw(claim)) for claim in results["claims"]}
    for name, figure in figures.items():
        store.write(out / "figures" / f"{name}.svg", figure)
    environment = Environment(
        loader=PackageLoader("validation", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    environment.filters["equation"] = equation
    environment.filters["asymptotic_words"] = asymptotic_words
    page = environment.get_template("report.html.j2").render(
        results=results, figures=figures, words=VERDICT_WORDS
    )
    path = out / "report.html"
    store.write(path, page)
    return path


def asymptotic_words(claim: dict[str, Any]) -> str:
    """How often the networks can be told from the asymptotic value, inside the range or not."""
    rows = claim["comparisons"]
    apart = sum(
        not row["interval"][0] <= row["expectation"]["predicted"] <= row["interval"][1]
        for row in rows
    )
    if not apart:
        return "No 95 % interval excludes the asymptotic value itself."
    return (
        f"The asymptotic value itself lies outside the 95 % interval in {apart} of {len(rows)} "
        "comparisons: finite networks differ from it, by the differences in the table."
    )


def number(value: float | None, digits: int = 4) -> str:
    """A number for a table; a dash where there is none."""
    return "-" if value is None else f"{value:.{digits}f}"
