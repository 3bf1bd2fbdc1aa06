"""The report: one HTML file, readable on its own, rebuilt from the raw files without torch."""

import io
import re
from pathlib import Path
from typing import Any

from validation.records import store
from validation.records.conclusion import conclude
from validation.threads import one_thread
from validation.trial.claim import Verdict

VERDICT_WORDS = {
    "HOLDS": (
        "The trained networks confirm it: every interval lies inside the range that was fixed "
        "before training."
    ),
    "FAILS": (
        "The trained networks refute it: at least one interval, corrected for the number of "
        "comparisons, lies outside the range that was fixed before training."
    ),
    "INCONCLUSIVE": (
        "Not decided: the replicates finished so far do not place every interval inside the range "
        "that was fixed before training, nor one outside it."
    ),
    "OUTSIDE ASSUMPTIONS": (
        "No verdict on the claim: the trained networks miss a precondition under which it says "
        "anything."
    ),
}


def record_words(claim: dict[str, Any]) -> str:
    """How the verdict compares with the verdict of record; empty where they are silent."""
    verdict, recorded = claim["verdict"], claim["recorded"]
    if verdict not in (Verdict.HOLDS, Verdict.FAILS):
        return ""
    if verdict == recorded:
        return "The networks refute it, as recorded." if recorded == Verdict.FAILS else ""
    if recorded == Verdict.FAILS:
        return "It is recorded as refuted, yet it holds here: the record does not cover this run."
    return "It was expected to hold."


def finished_words(claim: dict[str, Any]) -> str:
    """How far a claim without a verdict is: what is there of its first look, and what is not."""
    if not claim["missing"]:
        return (
            f"Its {claim['planned']} planned replicates are finished; the claims of a run are "
            "judged together, when all have theirs."
        )
    missing = "; ".join(f"{ranges(own)} of {label}" for label, own in claim["missing"].items())
    return (
        f"Only {claim['replicates']} of the {claim['planned']} planned replicates are finished; "
        f"missing are {missing}."
    )


def ranges(numbers: list[int]) -> str:
    """Whole numbers in order, those in a row together.

    >>> ranges([0, 3, 4, 5, 8, 9])
    '0, 3 to 5, 8, 9'
    """
    rows: list[list[int]] = []
    for number in numbers:
        if rows and rows[-1][-1] == number - 1:
            rows[-1].append(number)
        else:
            rows.append([number])
    return ", ".join(
        f"{row[0]} to {row[-1]}" if len(row) > 2 else ", ".join(map(str, row)) for row in rows
    )


def svg(figure: Any, letters: str = "path") -> str:
    """A figure as an SVG element without a date.

    Its letters are drawn as paths, to look the same everywhere, or left to the reader's fonts
    ("none").
    """
    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": letters, "svg.hashsalt": "mvtheory"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


CASES = re.compile(r"\\begin\{cases\}(.*?)\\end\{cases\}", re.DOTALL)


def one_line(latex: str) -> str:
    """Cases side by side: matplotlib sets no environments."""

    def beside(cases: re.Match[str]) -> str:
        branches = [branch.split("&") for branch in cases[1].split(r"\\") if branch.strip()]
        return r",\quad ".join(rf"{value.strip()}\;({when.strip()})" for value, when in branches)

    return CASES.sub(beside, latex)


def equation(latex: str) -> str:
    """An equation as an SVG element, set by matplotlib, so that the page needs no fonts."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 2))
    figure.patch.set_alpha(0)
    text = figure.text(
        0.5, 0.5, f"${one_line(latex)}$", fontsize=17, math_fontfamily="cm", ha="center"
    )
    box = text.get_window_extent()
    width, height = (box.width + 16) / figure.dpi, (box.height + 16) / figure.dpi
    middle = (0.5 * 2 * figure.dpi - box.y0 + 8) / figure.dpi
    figure.set_size_inches(width, height)
    text.set_position((0.5, middle / height))
    return svg(figure)


@one_thread()
def write_report(out: Path, results: dict[str, Any] | None = None) -> Path:
    """Rebuild DIR/report.html, DIR/figures and DIR/tables from the raw files of a run.

    `results` are those of `conclude`, where they are known already. The same raw files give the
    same bytes. Raises ValueError if DIR holds no run.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from validation.report.figures import draw

    results = results or conclude(out)
    figures = {claim["name"]: svg(draw(claim)) for claim in results["claims"]}
    for name, figure in figures.items():
        store.write(out / "figures" / f"{name}.svg", figure)
    for name, rows in tables(results).items():
        store.write(out / "tables" / f"{name}.csv", csv_text(rows))
    environment = Environment(
        loader=PackageLoader("validation.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    environment.filters["span"] = span
    environment.filters["equation"] = equation
    environment.filters["asymptotic_words"] = asymptotic_words
    environment.filters["record_words"] = record_words
    environment.filters["place"] = place
    environment.filters["finished_words"] = finished_words
    page = environment.get_template("report.html.j2").render(
        results=results, figures=figures, words=VERDICT_WORDS
    )
    path = out / "report.html"
    store.write(path, page)
    return path


def tables(results: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The report's tables as rows: verdicts, comparisons (preconditions too), power."""
    verdicts, comparisons, power = [], [], []
    for claim in results["claims"]:
        verdicts.append(
            {n: claim[n] for n in ("name", "verdict", "look", "replicates", "confidence")}
        )
        for kind in ("checks", "comparisons"):
            for row in claim[kind]:
                low, high = row["interval"]
                plain = {n: v for n, v in row.items() if n not in ("expectation", "interval")}
                comparisons.append(
                    {
                        "claim": claim["name"],
                        "kind": "precondition" if kind == "checks" else "comparison",
                        **row["expectation"],
                        **plain,
                        "interval_low": low,
                        "interval_high": high,
                    }
                )
        planned = {n: v for n, v in claim["power"].items() if n != "hardest"}
        power.append({"claim": claim["name"], "planned": claim["planned"], **planned})
    return {"verdicts": verdicts, "comparisons": comparisons, "power": power}


def csv_text(rows: list[dict[str, Any]]) -> str:
    """Rows as CSV, every digit kept."""
    import csv

    text = io.StringIO()
    names = list(rows[0]) if rows else []
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def asymptotic_words(claim: dict[str, Any]) -> str:
    """How often the networks can be told from the asymptotic value, inside the range or not."""
    rows = claim["comparisons"]
    apart = sum(is_apart(row, claim["confidence"]) for row in rows)
    if not apart:
        return "No two-sided interval excludes the value of the theory itself."
    return (
        f"The value of the theory itself lies outside the two-sided interval in {apart} of "
        f"{len(rows)} comparisons: what was observed differs from it, by the differences in the "
        "table."
    )


def is_apart(row: dict[str, Any], confidence: float) -> bool:
    """Whether the asymptotic value lies outside the two-sided interval of the mean."""
    from scipy import stats

    if row["exact"] or not row["standard_error"]:
        low, high = row["interval"]
        predicted = row["expectation"]["predicted"]
        return (low is not None and predicted < low) or (high is not None and predicted > high)
    quantile = stats.t.isf((1 - confidence) / 2, row["replicates"] - 1)
    return bool(abs(row["difference"]) > quantile * row["standard_error"])


def place(expectation: dict[str, Any], panels: dict[str, list[str]]) -> str:
    """Which comparison it is, in words; numbers are named by the labels of their panel."""
    panel, series, x = (expectation[name] for name in ("panel", "series", "x"))
    if isinstance(x, str):
        return f"{panel}: {series}, {x}"
    labels = [label.split("\n")[0].split(" (")[0] for label in panels.get(panel, ["x"])]
    if len(labels) == 3:
        return f"{panel}: {labels[0]} = {x:g}, {labels[1]} = {series}"
    return f"{panel}: {series}, {labels[0]} = {x:g}"


def span(low: float | None, high: float | None) -> str:
    """A range in words: open sides are bounds."""
    if low is None:
        return f"at most {number(high)}"
    if high is None:
        return f"at least {number(low)}"
    return f"{number(low)} to {number(high)}"


def number(value: float | None, digits: int = 4) -> str:
    """A number for a table; a dash where there is none, powers of ten where digits would be 0."""
    if value is None:
        return "-"
    tiny = digits and 0 < abs(value) < 0.5 * 10**-digits
    return f"{value:.0e}" if tiny else f"{value:.{digits}f}"
