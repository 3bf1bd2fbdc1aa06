"""The table of all claims with their verdicts, as a page of Markdown with a figure each."""

import shlex
from pathlib import Path

from validation.claims import of_preset
from validation.records import files
from validation.records.claim_record import ClaimRecord
from validation.records.conclusion import Conclusion, conclude
from validation.report.figures import draw
from validation.report.markdown import escaped, table
from validation.report.rows import telling
from validation.report.statements_table import statements_table
from validation.report.svg import svg
from validation.report.words import is_bound, models_words, span, with_error
from validation.threads import one_thread
from validation.trial.claim import Verdict

COLUMNS = ("claim", "statement", "source", "predicted", "observed", "verdict", "figure")


@one_thread()
def write_claims(folder: Path, page: Path) -> Path:
    """Write the table of a finished run's claims and, beside it, PAGE/NAME.svg for each claim.

    The same raw files give the same bytes. Raises ValueError if the folder holds no run.
    """
    results = conclude(folder)
    for record in results.claims:
        figure = draw(record.claim.panels, record.comparisons)
        # Text as text: a tenth of the size of drawn letters.
        files.write(page.with_suffix("") / f"{record.name}.svg", svg(figure, "none"))
    files.write(page, markdown(results, shlex.quote(str(page)), page.stem))
    return page


def markdown(results: Conclusion, name: str, figures: str) -> str:
    """The page: how it was made, what its columns say, a row for every claim.

    Of a run of all of our claims, the statements of the sources besides, a row each.
    """
    plan, records = results.plan, results.claims
    counts = ", ".join(
        f"{count} {verdict}"
        for verdict in Verdict
        if (count := sum(record.verdict is verdict for record in records))
    )
    refuted = sum(bool(record.claim.refuted) for record in records)
    names = [record.name for record in records]
    every = [claim.name for claim in of_preset(plan.preset)]
    chosen = "" if names == every else " ".join(names) + " "
    given = [f"--claims {m} " for m in dict.fromkeys(r.claim.module for r in records) if m]
    environments = "; ".join(results.environments) or "an unknown processor"
    head = f"""# Every claim on trial

{len(records)} claims, {models_words(results.models)}: {counts}. {refuted} of the claims are
recorded as refuted, each with the reason and the regime in which it holds.

Made by `python -m validation run {chosen}{"".join(given)}--preset {plan.preset} --seed {plan.seed} --out DIR` and
`python -m validation claims DIR {"".join(given)}--out {name}`; mvtheory {plan.mvtheory}, plan
`{plan.name}`, predictions `{plan.predictions}`, results
`{results.digest}`, computed on {environments}. The numbers are those of this version's code and this processor; a test
compares the predictions with those of today, and other processors and versions may train a look more or less.

Predicted: the value of the theory and, where it has one, that at the sizes used, or the bound where a source names a
direction and no size, with what replicates were planned for. In brackets the range, fixed before training. Observed: mean ± standard error over independent replicates. Of a claim with
several comparisons the one farthest from its prediction, relative to its range, is shown. At most
{100 * plan.alpha:.0f} % is the chance that any HOLDS here is false, and likewise any FAILS.
"""  # noqa: E501
    page = head + "\n" + table(COLUMNS, (row(record, figures) for record in records))
    if names == every:
        page += "\n" + statements_table({own.name: own.verdict for own in records}, figures)
    return page


def row(record: ClaimRecord, figures: str) -> list[str]:
    """The cells of a claim, in the order of `COLUMNS`."""
    claim = record.claim
    predicted = observed = "-"
    if shown := telling(record):
        expected, found = shown.expectation, shown.comparison
        finite = expected.finite_size
        at_finite = "" if finite is None else f", finite size {finite:.4g}"
        within = span(expected.low, expected.high)
        if not is_bound(expected):
            predicted = f"{expected.predicted:.4g}{at_finite} ({within})"
        else:
            predicted = within + (at_finite or f", planned for {expected.predicted:.4g}")
        count = len(record.comparisons)
        which = f"the farthest of {count}: " if count > 1 else ""
        observed = with_error(found.observed, found.standard_error)
        observed += f" ({which}{escaped(shown.place)})"
    verdict = f"**{record.outcome}**"
    if record.verdict is claim.recorded is Verdict.FAILS:
        verdict += ", as recorded"
    elif claim.refuted:
        verdict += ", recorded as refuted"
    return [
        f"`{record.name}`",
        stated(claim.title, record.planned.statement, claim.refuted),
        escaped("; ".join(map(str, claim.sources))),
        predicted,
        observed,
        verdict,
        f"[figure]({figures}/{record.name}.svg)",
    ]


def stated(title: str, statement: str, refuted: str) -> str:
    """What a claim says, and why it fails where that is known."""
    known = f" **Refuted:** {escaped(refuted)}" if refuted else ""
    return f"**{escaped(title)}.** {escaped(statement)}{known}"
