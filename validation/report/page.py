"""The report: one HTML file, readable on its own, rebuilt from the raw files without torch."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from validation.records import files
from validation.records.conclusion import Conclusion, conclude
from validation.report.against import Against
from validation.report.alternative import alternative
from validation.report.equations import Equation, equation, typeset
from validation.report.glance import (
    classes,
    counts,
    glance,
    groups,
    is_as_recorded,
    known_refuted,
    mark,
    slug,
)
from validation.report.inline import inlined, with_rules
from validation.report.machine import verdicts
from validation.report.rows import rows
from validation.report.svg import svg
from validation.report.tables import csv_text, tables
from validation.report.words import (
    VERDICT_WORDS,
    asymptotic_words,
    earlier_words,
    finished_words,
    headline,
    is_bound,
    models_words,
    number,
    place,
    record_words,
    refuting_end,
    seen_words,
    span,
)
from validation.threads import one_thread
from validation.trial.plan import Study

BROAD = 420
"""Points of width beyond which a figure is not shrunk to a small screen."""


@one_thread()
def write_report(
    out: Path, results: Conclusion | None = None, against: Against | None = None
) -> Path:
    """Rebuild DIR/report.html, verdicts.json, figures and tables from the raw files of a run.

    `results` are those of `conclude`, where they are known already; `against` is what another run
    says otherwise. The same raw files give the same bytes. Raises ValueError if DIR holds no run.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    results = results or conclude(out)
    figures = {}
    for n, (name, drawing, words) in enumerate(_drawn(results)):
        files.write(out / "figures" / f"{name}.svg", drawing)
        figures[name] = _shown(inlined(drawing, f"f{n}", words))
    for name, lines in tables(results).items():
        files.write(out / "tables" / f"{name}.csv", csv_text(lines))
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
        results=results,
        plan=results.plan,
        figures=figures,
        equations=_equations(results),
        words=VERDICT_WORDS,
        groups=groups(results.claims),
        counts=counts(results.claims),
        known=known_refuted(results.claims),
        others=sum(not is_as_recorded(record) for record in results.claims),
        chosen="".join(f"{record.name} " for record in results.claims),
        against=against,
    )
    path = out / "report.html"
    files.write(path, with_rules(page))
    return path


def _drawn(results: Conclusion) -> Iterable[tuple[str, str, str]]:
    """The figure of each claim that has something to show, and what it shows in words."""
    from validation.report.figures import draw

    for record in results.claims:
        figure = draw(record.claim.panels, record.comparisons)
        words = alternative(record.claim.panels, record.comparisons)
        # Text as text: a tenth of the size of drawn letters, and it can be found and read aloud.
        yield record.name, svg(figure, "none"), words


def _shown(figure: str) -> str:
    """Broad figures keep a width at which their letters can be read."""
    width = float(figure.split('width="')[1].split('"')[0])
    return figure.replace("<svg ", '<svg class="broad" ', 1) if width > BROAD else figure


def _equations(results: Conclusion) -> dict[str, list[tuple[Equation, str]]]:
    """The formulas of each claim as SVG elements that say themselves in LaTeX.

    Each is in the page once, and shown from there by other claims.
    """
    found: dict[str, list[tuple[Equation, str]]] = {}
    drawn: dict[str, str] = {}
    for record in results.claims:
        own = found[record.name] = []
        for name in record.claim.formulas:
            formula, words = equation(name), escape(equation(name).latex)
            if name in drawn:
                drawing = f'{drawn[name]} aria-label="{words}"><use href="#formula-{name}"/></svg>'
            else:
                whole = inlined(typeset(formula.latex), f"e{len(drawn)}", formula.latex)
                head, _, body = whole.partition(">")
                drawn[name] = head.split(" aria-label=")[0]
                body = body.removesuffix("</svg>")
                drawing = f'{head}><g id="formula-{name}">{body}</g></svg>'
            own.append((formula, drawing))
    return found


def settings(studies: Sequence[Study]) -> list[tuple[str, str]]:
    """What a claim's settings are, each name once: one value, or that of each setting."""
    every = [(study.setting.label, dict(_flat(study.setting.plain))) for study in studies]
    lines = []
    for name in dict.fromkeys(name for _, plain in every for name in plain):
        values = {label: plain.get(name, "-") for label, plain in every}
        alike = len(set(values.values())) == 1
        each = (f"{value} ({label})" for label, value in values.items())
        lines.append((name, next(iter(values.values())) if alike else "; ".join(each)))
    return lines


def _flat(plain: dict[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in plain.items():
        if isinstance(value, dict):
            yield from ((f"{name}: {inner}", text) for inner, text in _flat(value))
        else:
            listed = isinstance(value, list | tuple)
            yield name.replace("_", " "), ", ".join(map(str, value)) if listed else str(value)


FILTERS = (
    asymptotic_words, classes, earlier_words, finished_words, glance, headline, is_bound, mark,
    models_words, number, place, record_words, refuting_end, rows, seen_words, settings, slug, span,
)  # fmt: skip
"""What the template asks for, by its name."""
