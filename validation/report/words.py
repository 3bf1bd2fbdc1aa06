"""What reports say of verdicts, comparisons and numbers, on a page as in a terminal."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from validation.records.claim_record import ClaimRecord
from validation.records.conclusion import Conclusion
from validation.trial.claim import Comparison, Expectation, Verdict

VERDICT_WORDS = {
    Verdict.HOLDS: (
        "Confirmed: every interval lies inside the range that was fixed before training."
    ),
    Verdict.FAILS: (
        "Refuted: at least one interval, corrected for the number of comparisons, lies outside the "
        "range that was fixed before training."
    ),
    Verdict.INCONCLUSIVE: (
        "Not decided: the replicates finished so far do not place every interval inside the range "
        "that was fixed before training, nor one outside it."
    ),
    Verdict.OUTSIDE: (
        "No verdict on the claim: what was trained misses a precondition under which it says "
        "anything."
    ),
}


def record_words(verdict: Verdict, recorded: Verdict) -> str:
    """How a verdict compares with the verdict of record; empty where they are silent."""
    if verdict not in (Verdict.HOLDS, Verdict.FAILS):
        return ""
    if verdict is recorded:
        return "It is recorded as refuted." if recorded is Verdict.FAILS else ""
    if recorded is Verdict.FAILS:
        return "It is recorded as refuted, yet it holds here: the record does not cover this run."
    return "It was expected to hold."


def finished_words(record: ClaimRecord) -> str:
    """How far a claim without a verdict is: what is there of its first look, and what is not."""
    planned = record.planned.replicates[0]
    if not record.missing:
        return (
            f"Its {planned} planned replicates are finished; the claims of a run are "
            "judged together, when all have theirs."
        )
    missing = "; ".join(f"{ranges(own)} of {label}" for label, own in record.missing.items())
    return (
        f"Only {record.replicates} of the {planned} planned replicates are finished; "
        f"missing are {missing}."
    )


def ranges(numbers: Sequence[int]) -> str:
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


def asymptotic_words(record: ClaimRecord) -> str:
    """How often the networks can be told from the asymptotic value, inside the range or not."""
    rows = [row for row in record.comparisons if not is_bound(row.expectation)]
    apart = sum(map(is_apart, rows))
    if not rows:
        return "It claims bounds alone, of which nothing is known beyond them."
    if not apart:
        return "No interval excludes the value of the theory itself."
    return (
        f"The value of the theory itself lies outside the interval in {apart} of "
        f"{len(rows)} comparisons: what was observed differs from it, by the differences in the "
        "table."
    )


def is_apart(row: Comparison) -> bool:
    """Whether the asymptotic value lies outside the interval of the mean."""
    low, high = row.interval
    predicted = row.expectation.predicted
    return (low is not None and predicted < low) or (high is not None and predicted > high)


def headline(results: Conclusion) -> str:
    """Whether the ranges came before the results, as far as the folder shows it."""
    if results.registered is None:
        return (
            "Nothing in the folder shows that the ranges were fixed before training: its log does "
            "not say when the plan was registered."
        )
    if results.seen:
        return (
            f"This plan came after results: {len(results.seen)} of {len(results.claims)} claims "
            "are judged on networks that were there before they were planned as they are now, so "
            "that their ranges may have been chosen by them. They are marked."
        )
    return "Every range was fixed before training, by the log of the folder."


def seen_words(record: ClaimRecord) -> str:
    """Of a claim on networks that were seen before, how many they are; else empty."""
    if not record.seen:
        return ""
    return (
        f"{record.seen} of its replicates were there, or may have been, before it was planned as "
        "it is judged, so that its error rate is not kept. Another --seed, in a fresh folder, "
        "tries it anew."
    )


def models_words(models: Mapping[str, int]) -> str:
    """How many models were trained, of each kind.

    >>> models_words({"network": 1200, "ridge regression": 1})
    '1200 networks and 1 ridge regression'
    """
    words = [f"{n} {kind}{'' if n == 1 else 's'}" for kind, n in models.items() if n]
    return ", ".join([*words[:-2], " and ".join(words[-2:])]) or "no networks"


def earlier_words(own: Mapping[str, Any]) -> str:
    """An earlier plan in a sentence's part: what it was and what it came to."""
    if own["preset"] is None:
        return f"{own['plan'][:12]}, of {own['time']}, whose file cannot be read"
    verdicts = ", ".join(f"{name} {verdict}" for name, verdict in own["verdicts"].items())
    return (
        f"{own['plan'][:12]}, of {own['time']}, preset {own['preset']}, seed {own['seed']}: "
        f"{verdicts}"
    )


def place(expectation: Expectation, panels: Mapping[str, Sequence[str]]) -> str:
    """Which comparison it is, in words; numbers are named by the labels of their panel."""
    panel, series, x = expectation.panel, expectation.series, expectation.x
    if isinstance(x, str):
        return f"{panel}: {series}, {x}"
    labels = [label.split("\n")[0].split(" (")[0] for label in panels.get(panel, ["x"])]
    if len(labels) == 3:
        return f"{panel}: {labels[0]} = {x:g}, {labels[1]} = {series}"
    return f"{panel}: {series}, {labels[0]} = {x:g}"


def is_bound(expectation: Expectation) -> bool:
    """Whether the source gives a bound and no value: the end of a range that is open beyond.

    It may have a value at finite size besides, as where a bound is computed exactly.
    """
    ends = (expectation.low, expectation.high)
    return bool(expectation.bound) or (None in ends and expectation.predicted in ends)


def claimed(expectation: Expectation, digits: int = 4) -> str:
    """What is claimed of a number: the value of the theory or, of a bound, the bound."""
    if is_bound(expectation):
        return span(expectation.low, expectation.high, digits)
    return number(expectation.predicted, digits)


def span(low: float | None, high: float | None, digits: int = 4) -> str:
    """A range in words: open sides are bounds."""
    if low is None:
        return f"at most {number(high, digits)}"
    if high is None:
        return f"at least {number(low, digits)}"
    return f"{number(low, digits)} to {number(high, digits)}"


def number(value: float | None, digits: int = 4) -> str:
    """A number for a table; a dash where there is none, powers of ten where digits would be 0."""
    if value is None:
        return "-"
    tiny = digits and 0 < abs(value) < 0.5 * 10**-digits
    return f"{value:.0e}" if tiny else f"{value:.{digits}f}"


def with_error(value: float, error: float | None) -> str:
    """A mean with its standard error to two digits.

    >>> with_error(0.54321, 0.0061), with_error(1234.5, 78), with_error(2.5e-16, 1e-17)
    ('0.5432 ± 0.0061', '1234 ± 78', '2.5e-16 ± 1e-17')
    """
    if not error:
        return f"{value:.4g}"
    decimals = 1 - math.floor(math.log10(error))
    if decimals > 7:
        return f"{value:.1e} ± {error:.0e}"
    return f"{value:.{max(0, decimals)}f} ± {error:.{max(0, decimals)}f}"


def refuting_end(row: Comparison) -> str:
    """The end of an interval that shows a refutation, and the end of the range that it misses."""
    (low, high), expected = row.interval, row.expectation
    if row.verdict is not Verdict.FAILS:
        return ""
    if expected.low is not None and high is not None and high < expected.low:
        return f"the interval ends at {high:.4g}, below {expected.low:.4g}"
    if expected.high is not None and low is not None and low > expected.high:
        return f"the interval begins at {low:.4g}, above {expected.high:.4g}"
    return ""
