"""A calibration as tables for the terminal and as a page of Markdown, and whether it is good."""

from collections.abc import Iterator

from rich.table import Table
from scipy import special

from validation.calibration.measuring import Calibration
from validation.calibration.studied import POSITIONS
from validation.calibration.wrong import excused
from validation.trial.verdict import ALPHA

POWER = 0.9
"""HOLDS within all looks, with the truth as predicted, at the strictest level."""
REFUSED = 0.95
"""Share of the studies in which a wrong formula FAILS."""
KINDS = ("false HOLDS", "false FAILS", "false OUTSIDE")
ANY = "any claim of a run, at most"


def most(count: int, studies: int) -> float:
    """Upper 95 % limit of a rate, by the Poisson law: counts of several claims may be added."""
    return float(special.chdtri(2 * count + 2, 0.05)) / 2 / studies


def least(count: int, studies: int) -> float:
    """Lower 95 % limit."""
    return float(special.chdtri(2 * count, 0.95)) / 2 / studies if count else 0.0


def errors(result: Calibration) -> dict[str, tuple[int, ...]]:
    """Counts of the `KINDS` by claim, at the level of a claim alone, and of whole runs.

    As long as none is decided, Holm's method tests each claim at its strictest level, and an error
    is made where one of them is: of all together there are no more than their sum, whatever the
    claims, which share networks, have to do with each other.
    """
    found: dict[str, tuple[int, ...]] = {row.name: row.errors(alone=True) for row in result.rows}
    if result.whole:
        every = [row.errors(alone=False) for row in result.whole]
        found[ANY] = tuple(map(sum, zip(*every, strict=True)))
    return found


def worst(result: Calibration) -> float:
    """The largest upper limit of an error rate, of any claim alone and of any claim of a run."""
    return max(most(count, result.studies) for own in errors(result).values() for count in own)


def failed(result: Calibration) -> list[str]:
    """What is not as it should be, as far as counts tell; empty if all is."""
    found = []
    for name, counts in errors(result).items():
        for words, count in zip(KINDS, counts, strict=True):
            if least(count, result.studies) > ALPHA:
                found.append(f"{name}: {words} in {count} of {result.studies} studies")
    for row in result.rows:
        held = row.strictest[str(POSITIONS[0])][0]
        if held < POWER * result.studies - 3 * (POWER * (1 - POWER) * result.studies) ** 0.5:
            found.append(f"{row.name}: HOLDS in {held} of {result.studies} studies, as predicted")
        for own in row.wrong:
            number, fails = sum(own.counts.values()), own.counts.get("FAILS", 0)
            if fails < REFUSED * number - 3 * (REFUSED * (1 - REFUSED) * number) ** 0.5:
                found.append(f"{row.name}: {own.words!r} FAILS in {fails} of {number} studies")
            if not excused(row.name, own.real):
                found.append(f"{row.name}: {own.words!r} is {own.real} on trained networks")
    return found


def _rate(count: int, number: int) -> str:
    return f"{100 * count / number:.2f} ({100 * most(count, number):.2f})"


def _rates(result: Calibration) -> Iterator[list[str]]:
    rows = {row.name: row for row in result.rows}
    for name, counts in errors(result).items():
        rates = [_rate(count, result.studies) for count in counts]
        if name not in rows:
            yield [name, "", *rates, "", ""]
            continue
        row = rows[name]
        yield [
            name,
            ", ".join(map(str, row.replicates)),
            *rates,
            f"{100 * row.first / result.studies:.1f}",
            f"{row.used['0.0']:.1f}, {row.used['1.0']:.1f}",
        ]


RATES = (
    "claim", "replicates at the looks", *KINDS,
    "power at the first look", "replicates used",
)  # fmt: skip
CURVE = ("claim", *(f"{position:g}" for position in POSITIONS))
WRONG = ("claim", "wrong formula", "FAILS", "HOLDS", "undecided", "on trained networks")


def _curve(result: Calibration) -> Iterator[list[str]]:
    for row in result.rows:
        counts = [row.strictest[str(position)][:2] for position in POSITIONS]
        shares = [[f"{100 * n / result.studies:.1f}" for n in pair] for pair in counts]
        yield [row.name, *map(" / ".join, shares)]


def _refusals(result: Calibration) -> Iterator[list[str]]:
    for row in result.rows:
        for own in row.wrong:
            number = sum(own.counts.values())
            fails, holds = (own.counts.get(verdict, 0) for verdict in ("FAILS", "HOLDS"))
            shares = [f"{100 * n / number:.1f} %" for n in (fails, holds, number - fails - holds)]
            yield [row.name, own.words, *shares, own.real or "-"]


def tables(result: Calibration) -> list[Table]:
    """For the terminal."""
    found = []
    for title, columns, rows in (
        (f"Error rates in % of {result.studies} studies (upper 95 % limit)", RATES, _rates),
        ("HOLDS / FAILS in % by where the truth lies: 0 predicted, 1 a border", CURVE, _curve),
        ("Wrong formulas, judged on studies that follow the right ones", WRONG, _refusals),
    ):
        table = Table(*columns, title=title, title_justify="left")
        for row in rows(result):
            table.add_row(*row)
        found.append(table)
    return found


def _grid(columns: tuple[str, ...], rows: Iterator[list[str]]) -> str:
    lines = [
        " | ".join(cell.replace("|", r"\|") for cell in line)
        for line in (columns, ["---"] * len(columns), *rows)
    ]
    return "\n".join(f"| {line} |" for line in lines)


def markdown(result: Calibration) -> str:
    """The record as a page."""
    sources: dict[str, list[str]] = {}
    for row in result.rows:
        lone = row.comparisons == 1
        sources.setdefault("one comparison" if lone else row.source, []).append(row.name)
    lines = "\n".join(f"- {words}: {', '.join(names)}" for words, names in sources.items())
    together = (
        "The last line is of all claims of the preset quick: false HOLDS with one comparison of "
        "every claim at a border, or false FAILS with all of them there, at the strictest level, "
        "added up. That is no less than the share of runs with such an error, whatever the claims, "
        "which share networks, have to do with each other."
        if result.whole
        else "Not all claims of the preset quick were measured, so that nothing is said of runs."
    )
    return f"""# How far to trust a verdict

Made by `python -m validation calibrate --studies {result.studies} --seed {result.seed}`: so many
simulated runs for each place of the truth. Each claim is planned as in a run of all that have a
setting in the preset quick, or else in standard. The largest upper 95 % limit of an error rate is
{100 * worst(result):.2f} %; 5 % are allowed for each kind of error.

## Error rates

In %, with the upper 95 % limit. Of each claim at the most lenient level that Holm's method comes
to, all other claims being decided: false HOLDS with the truth of one comparison, another in each
study, at a border of its range or beyond it; false FAILS with one or every comparison at a border,
or between it and the prediction; false OUTSIDE ASSUMPTIONS with a precondition at its border. Power
and the mean replicates used, with the truth as predicted and at a border, are those at the
strictest level, all other claims being undecided. {together}

{_grid(RATES, _rates(result))}

## Power

Studies in % that HOLD / that FAIL after all looks, at the strictest level, by where the truth of
one comparison lies: 0 as predicted, 1 at a border of its range, 2 as far again beyond it. The
others are as predicted.

{_grid(CURVE, _curve(result))}

## Wrong formulas

Judged on {max(1, result.studies // 20)} studies that follow the right ones, at the strictest level.

{_grid(WRONG, _refusals(result))}

## How comparisons vary together

From replicate to replicate, as in:

{lines}
"""
