"""Two runs beside each other: claims of which they say otherwise."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scipy import special

from validation.records.conclusion import Conclusion
from validation.report.machine import FORMAT, verdicts

LEVEL = 0.05
"""Probability that chance alone puts any of the observed means as far apart as is told."""
SAME = 1e-9
"""Relative difference to which numbers computed on other machines are the same."""
Place = tuple[str, str]


@dataclass(frozen=True)
class Line:
    """A claim on which two runs differ."""

    claim: str
    verdict: str
    """Here, and in the other run."""
    other: str
    predictions: str
    observed: str

    def __str__(self) -> str:
        same = self.verdict == self.other
        said = [self.verdict if same else f"{self.verdict} here, {self.other} there"]
        said += [f"predictions: {self.predictions}"] if self.predictions else []
        said += [f"observed: {self.observed}"] if self.observed else []
        return f"{self.claim}: {'; '.join(said)}"


@dataclass(frozen=True)
class Against:
    """What another run says otherwise."""

    words: str
    """Which run it is."""
    summary: str
    lines: tuple[Line, ...]


def against(results: Conclusion, folder: Path) -> Against:
    """Compare a run with another one, by what this one's verdicts.json says.

    Parameters
    ----------
    results : Conclusion
    folder : Path
        Of the other run, whose report has been written; it may be of another version.

    Raises
    ------
    ValueError
        There is no verdicts.json of this format in it.
    """
    path = folder / "verdicts.json"
    try:
        other = json.loads(path.read_text(encoding="utf-8"))
        form = other["format"]
    except (OSError, ValueError, TypeError, KeyError):
        form = None
    if form != FORMAT:
        raise ValueError(
            f"against={str(folder)!r} is not allowed: a folder with a verdicts.json of format "
            f"{FORMAT}; write it by `python -m validation report {folder}`"
        )
    return compared(json.loads(verdicts(results)), other)


def compared(here: Mapping[str, Any], there: Mapping[str, Any]) -> Against:
    """Two verdicts.json beside each other.

    Verdicts and predictions differ if they are others. Observed means differ if they are farther
    apart than chance puts any of them (normal law, `LEVEL` over all comparisons that both runs
    have); of one seed and code they are the same numbers.
    """
    mine, theirs = ({own["claim"]: own for own in run["claims"]} for run in (here, there))
    pairs = {name: _pairs(mine[name], theirs[name]) for name in mine if name in theirs}
    every = [pair for own in pairs.values() for pair in own]
    beyond = -float(special.ndtri(LEVEL / 2 / max(1, len(every))))
    lines = []
    for name, own in pairs.items():
        lacking = len(own) < max(len(run[name]["comparisons"]) for run in (mine, theirs))
        verdict, other = (str(run[name]["verdict"]) for run in (mine, theirs))
        line = Line(name, verdict, other, _predictions(own, lacking), _observed(own, beyond))
        if verdict != other or line.predictions or line.observed:
            lines.append(line)
    changed = sum(line.verdict != line.other for line in lines)
    apart = [_apart(*pair) for pair in every]
    same = sum(value == 0 for value in apart)
    summary = (
        f"{len(lines)} of {len(pairs)} claims differ, {changed} in their verdicts. Of "
        f"{len(every)} numbers that both observed, {same} are the same and "
        f"{sum(value > beyond for value in apart)} farther apart than {beyond:.1f} standard "
        f"errors of their difference, beyond which chance puts one of them in {LEVEL:.0%} of "
        "pairs of runs." + _alone("here", mine, theirs) + _alone("there", theirs, mine)
    )
    words = (
        f"preset {there['preset']}, seed {there['seed']}, plan {there['plan'][:12]}, mvtheory "
        f"{there['mvtheory']}"
    )
    return Against(words, summary, tuple(lines))


def _alone(where: str, own: Mapping[str, Any], others: Mapping[str, Any]) -> str:
    """Claims that only one of the runs has."""
    names = [name for name in own if name not in others]
    return f" On trial {where} only: {', '.join(names)}." if names else ""


def _pairs(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """The comparisons and preconditions that both have, by their place."""

    def places(claim: Mapping[str, Any]) -> dict[Place, Any]:
        return {(row["kind"], row["place"]): row for row in claim["comparisons"]}

    first, second = places(one), places(other)
    return [(first[place], second[place]) for place in first if place in second]


def _predictions(pairs: Sequence[tuple[Any, Any]], lacking: bool) -> str:
    """Where predictions or ranges are others: the first of them, and how many."""
    found = [
        (row["place"], words)
        for row, other in pairs
        for words in [_changed(_said(row), _said(other))]
        if words
    ]
    said = [f"{found[0][0]}: {found[0][1]}"] if found else []
    said += [f"{len(found) - 1} more"] if len(found) > 1 else []
    said += ["other comparisons"] if lacking else []
    return ", ".join(said)


def _said(row: Mapping[str, Any]) -> dict[str, float | None]:
    names = ("predicted", "finite_size", "planned_for")
    return {name: row[name] for name in names} | dict(row["range"])


def _changed(one: Mapping[str, float | None], other: Mapping[str, float | None]) -> str:
    for name, value in one.items():
        before = other[name]
        if value is None or before is None:
            same = value is before
        else:
            same = math.isclose(value, before, rel_tol=SAME, abs_tol=SAME * SAME)
        if not same:
            here, there = ("none" if v is None else f"{v:.4g}" for v in (value, before))
            return f"{name.replace('_', ' ')} {here} here, {there} there"
    return ""


def _apart(row: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """How far apart two means are, in standard errors of their difference."""
    difference = abs(row["observed"] - other["observed"])
    if difference <= SAME * max(abs(row["observed"]), abs(other["observed"])):
        return 0.0
    error = math.hypot(row["standard_error"] or 0.0, other["standard_error"] or 0.0)
    return difference / error if error else math.inf


def _observed(pairs: Sequence[tuple[Any, Any]], beyond: float) -> str:
    """Where means are farther apart than chance puts any: the farthest, and how many."""
    far = [(apart, *pair) for pair in pairs for apart in [_apart(*pair)] if apart > beyond]
    if not far:
        return ""
    apart, row, other = max(far, key=lambda own: own[0])
    words = (
        f"{row['place']}: {row['observed']:.4g} here, {other['observed']:.4g} there, "
        f"{apart:.1f} standard errors"
    )
    return words + (f", {len(far) - 1} more" if len(far) > 1 else "")
