"""The table of all claims with their verdicts, as a page of Markdown with a figure each."""

import shlex
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from validation.claims import CLAIMS, of_preset
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
from validation.trial.claim import Expectation, Verdict

COLUMNS = ("claim", "statement", "source", "predicted", "observed", "verdict", "figure")


@one_thread()
def write_claims(folders: Sequence[Path], page: Path) -> Path:
    """Write the table of finished runs' claims and, beside it, PAGE/NAME.svg for each claim.

    A claim of several runs is told of by the first that has it. The same raw files give the same
    bytes. Raises ValueError if a folder holds no run.
    """
    runs = [conclude(folder) for folder in folders]
    for record, _ in told(runs):
        figure = draw(record.claim.panels, record.comparisons)
        # Text as text: a tenth of the size of drawn letters.
        files.write(page.with_suffix("") / f"{record.name}.svg", svg(figure, "none"))
    files.write(page, markdown(runs, shlex.quote(str(page)), page.stem))
    return page


def told(runs: Sequence[Conclusion]) -> list[tuple[ClaimRecord, str]]:
    """Each claim, in our order, as the first run that has it says; and the preset of that run."""
    found: dict[str, tuple[ClaimRecord, str]] = {}
    for run in runs:
        for record in run.claims:
            found.setdefault(record.name, (record, run.plan.preset))
    places = {name: place for place, name in enumerate(CLAIMS)}
    return sorted(found.values(), key=lambda own: places.get(own[0].name, len(places)))


def markdown(runs: Sequence[Conclusion], name: str, figures: str) -> str:
    """The page: how it was made, what its columns say, a row for every claim.

    If the first run is of all of our claims, the statements of the sources besides, a row each.
    """
    every = told(runs)
    records = [record for record, _ in every]
    counts = ", ".join(
        f"{count} {verdict}"
        for verdict in Verdict
        if (count := sum(record.verdict is verdict for record in records))
    )
    refuted = sum(bool(record.claim.refuted) for record in records)
    models: Counter[str] = Counter()
    for run in runs:
        models.update(run.models)
    given = dict.fromkeys(r.claim.module for r in records if r.claim.module)
    modules = "".join(f"--claims {module} " for module in given)
    folders = " ".join(_folders(runs))
    made = "\n".join(
        _made(run, folder, modules) for run, folder in zip(runs, _folders(runs), strict=True)
    )
    head = f"""# Every claim on trial

{len(records)} claims, {models_words(models)}: {counts}. {refuted} of the claims are
recorded as refuted, each with the reason and the regime in which it holds.

{made}

Written by `python -m validation claims {folders} {modules}--out {name}`. The numbers are those of this version's code and
this processor; a test compares the predictions with those of today, and other processors and versions may train a look
more or less.

Predicted: the value of the theory and, where it has one, that at the sizes used, or the bound where a source names a
direction and no size, with what replicates were planned for. In brackets the range, fixed before training. Observed: mean ± standard error over independent replicates. Of a claim with
several comparisons the one farthest from its prediction, relative to its range, is shown. At most
{100 * max(run.plan.alpha for run in runs):.0f} % is the chance that any HOLDS of a run is false, and likewise any FAILS.
"""  # noqa: E501
    first = runs[0].plan.preset
    page = (
        head
        + "\n"
        + table(
            COLUMNS,
            (row(record, figures, "" if preset == first else preset) for record, preset in every),
        )
    )
    if [record.name for record in runs[0].claims] == [claim.name for claim in of_preset(first)]:
        page += "\n" + statements_table({own.name: own.verdict for own in records}, figures)
    return page


def _folders(runs: Sequence[Conclusion]) -> list[str]:
    return ["DIR", *(f"DIR{n}" for n in range(2, len(runs) + 1))]


def _made(run: Conclusion, folder: str, modules: str) -> str:
    """How a run was made, as an item of a list."""
    plan, names = run.plan, [record.name for record in run.claims]
    every = [claim.name for claim in of_preset(plan.preset)]
    chosen = "" if names == every else " ".join(names) + " "
    return (
        f"- `python -m validation run {chosen}{modules}--preset {plan.preset} --seed {plan.seed} "
        f"--out {folder}`; mvtheory {plan.mvtheory}, plan\n  `{plan.name}`, predictions "
        f"`{plan.predictions}`, results\n  `{run.digest}`, computed on "
        f"{'; '.join(run.environments) or 'an unknown processor'}."
    )


def row(record: ClaimRecord, figures: str, preset: str = "") -> list[str]:
    """The cells of a claim, in the order of `COLUMNS`; its preset, where it is to be said."""
    claim = record.claim
    predicted = observed = "-"
    if shown := telling(record):
        predicted, found = prediction(shown.expectation), shown.comparison
        count = len(record.comparisons)
        which = f"the farthest of {count}: " if count > 1 else ""
        observed = with_error(found.observed, found.standard_error)
        observed += f" ({which}{escaped(shown.place)})"
    verdict = f"**{record.outcome}**"
    if record.verdict is claim.recorded is Verdict.FAILS:
        verdict += ", as recorded"
    elif claim.refuted:
        verdict += ", recorded as refuted"
    if preset:
        verdict += f", preset {preset}"
    return [
        f"`{record.name}`",
        stated(claim.title, record.planned.statement, claim.refuted),
        escaped("; ".join(map(str, claim.sources))),
        predicted,
        observed,
        verdict,
        f"[figure]({figures}/{record.name}.svg)",
    ]


def prediction(expected: Expectation) -> str:
    """What is predicted, in the limit and at the sizes used, and the range that is allowed."""
    finite = expected.finite_size
    at_finite = "" if finite is None else f", finite size {finite:.4g}"
    within = span(expected.low, expected.high)
    if not is_bound(expected):
        return f"{expected.predicted:.4g}{at_finite} ({within})"
    return within + (at_finite or f", planned for {expected.predicted:.4g}")


def stated(title: str, statement: str, refuted: str) -> str:
    """What a claim says, and why it fails where that is known."""
    known = f" **Refuted:** {escaped(refuted)}" if refuted else ""
    return f"**{escaped(title)}.** {escaped(statement)}{known}"
