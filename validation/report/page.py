"""The report: one HTML file, readable on its own, rebuilt from the raw files without torch."""

from pathlib import Path

from validation.records import files
from validation.records.conclusion import Conclusion, conclude
from validation.report.equations import equation, typeset
from validation.report.machine import verdicts
from validation.report.svg import svg
from validation.report.tables import csv_text, tables
from validation.report.words import (
    VERDICT_WORDS,
    asymptotic_words,
    claimed,
    earlier_words,
    finished_words,
    headline,
    models_words,
    number,
    place,
    record_words,
    seen_words,
    span,
)
from validation.threads import one_thread

FILTERS = (
    asymptotic_words, claimed, earlier_words, equation, finished_words, headline, models_words,
    number, place, record_words, seen_words, span, typeset,
)  # fmt: skip
"""What the template asks for, by its name."""


@one_thread()
def write_report(out: Path, results: Conclusion | None = None) -> Path:
    """Rebuild DIR/report.html, verdicts.json, figures and tables from the raw files of a run.

    `results` are those of `conclude`, where they are known already. The same raw files give the
    same bytes. Raises ValueError if DIR holds no run.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from validation.report.figures import draw

    results = results or conclude(out)
    figures = {
        record.name: svg(draw(record.claim.panels, record.comparisons)) for record in results.claims
    }
    for name, figure in figures.items():
        files.write(out / "figures" / f"{name}.svg", figure)
    for name, rows in tables(results).items():
        files.write(out / "tables" / f"{name}.csv", csv_text(rows))
    files.write(out / "verdicts.json", verdicts(results))
    environment = Environment(
        loader=PackageLoader("validation.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {own.__name__: own for own in FILTERS}
    page = environment.get_template("report.html.j2").render(
        results=results, plan=results.plan, figures=figures, words=VERDICT_WORDS
    )
    path = out / "report.html"
    files.write(path, page)
    return path
