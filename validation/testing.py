"""The contract of claims, for tests: `check_claim` holds any claim to it, ours and others'.

What a claim promises is in `validation.trial.claim`; here it is tried on its settings of every
preset and on two replicates of small networks. Nothing here says whether the claim is true.
"""

import json
import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

import mvtheory
from mvtheory.references import Credit, Source
from validation.experiments import measure, restore
from validation.records import shards
from validation.records.gathered import observed
from validation.trial.claim import (
    Claim,
    Comparison,
    Expectation,
    Measured,
    Sample,
    Wrong,
)
from validation.trial.design import design
from validation.trial.plan import TARGETS, Description, Study
from validation.trial.verdict import compare, undecided

__all__ = ["check_claim", "compared", "rehearse", "train"]

PRESETS = ("smoke", "quick", "standard", "full")
CALIBRATED = ("quick", "standard")
"""Wrong formulas are tried on the first of these that a claim has settings of."""
WITHOUT_FILES = ("smoke", "quick")
"""Presets that read no files: claims about files alone have no settings there."""
GAP = 0.5
"""Deviations of a replicate by which a wrong formula must miss: ten replicates then put 1.6
standard errors between them."""


def check_claim(
    claim: Claim,
    preset: str = "smoke",
    *,
    presets: Sequence[str] = PRESETS,
    measured: Sequence[Measured] | None = None,
    steps: int = 3,
) -> None:
    """Put a claim through the contract; AssertionError says what disagrees with what.

    Parameters
    ----------
    claim : Claim
    preset : str
        Whose settings are trained, for a few steps.
    presets : sequence of str
        Whose settings and predictions are looked at; those after "smoke" for power too, and "quick"
        for wrong formulas.
    measured : sequence of Measured, optional
        Replicates of every setting of `preset`, in order, in place of training any.
    steps : int, >= 1
        Steps of training, where nothing is given.
    """
    _check_words(claim)
    expected = {name: _check_settings(claim, name) for name in presets}
    for name in presets:
        own = [e for pair in expected[name] for side in pair for e in side]
        if own and TARGETS[name]:
            planned = design({claim.name: own}, TARGETS[name])
            _hold(
                planned.powers[claim.name] >= TARGETS[name],
                claim,
                f"power {planned.powers[claim.name]:.3f} is below {TARGETS[name]} at the first "
                f"look of {name}, by {planned.hardest[claim.name]}",
            )
    calibrated = next((name for name in CALIBRATED if expected.get(name)), None)
    if calibrated:
        _check_wrong(claim, calibrated, [own for own, _ in expected[calibrated]])
    if measured is None:
        measured = [train(setting.shortened(steps)) for setting in claim.settings(preset)]
    if measured:
        _check_observations(claim, measured)


def train(setting: Any, replicates: int = 2, seed: int = 3) -> Measured:
    """So many trained replicates of a setting, as a run gathers them."""
    own = [
        shards.Shard(setting.describe(), seed, n, measure(setting, seed, n), {})
        for n in range(replicates)
    ]
    return shards.measured(setting, own)


def rehearse(claim: Claim, preset: str, steps: int = 1) -> None:
    """Refuse, before anything is trained to the end, a claim that cannot be judged.

    It is held to the contract at this preset, but for what needs trained networks; and a replicate
    of its cheapest setting, trained for so many steps, is observed. ValueError if it breaks the
    contract, or if `observe` gives other than a sample for each number that is expected, or raises
    another error. What is said of the numbers themselves is passed over: networks so young need
    not have any.
    """
    settings = claim.settings(preset)
    if not settings:
        return
    try:
        check_claim(claim, presets=(preset,), measured=())
    except AssertionError as error:
        raise ValueError(
            f"claims={claim.module!r}: {error}; mend it before networks are trained"
        ) from error
    setting = min(settings, key=lambda own: own.work).shortened(steps)
    study = Study(
        Description.of(setting.describe()), tuple(claim.expect(setting)),
        tuple(claim.require(setting)),
    )  # fmt: skip
    measured = train(setting, replicates=2)
    wrong: str | None = None
    try:
        observed(claim, study, measured)
    except (LookupError, AttributeError, TypeError, NameError) as error:
        wrong = f"{type(error).__name__}: {error}"
    except ValueError as error:
        wrong = str(error) if str(error).startswith("claim ") else None
    if wrong:
        raise ValueError(f"claims={claim.module!r}: {wrong}; mend it before networks are trained")


def _hold(condition: bool, claim: Claim, words: str) -> None:
    # By hand, for `python -O` leaves out what is only asserted.
    if not condition:
        raise AssertionError(f"claim {claim.name!r}: {words}")


def _check_words(claim: Claim) -> None:
    for part in ("name", "title", "statement", "margin", "change"):
        _hold(bool(getattr(claim, part).strip()), claim, f"{part} is empty")
    _hold(bool(claim.sources), claim, "sources is empty")
    for source in claim.sources:
        known = isinstance(source, Source | Credit) and bool(str(source))
        _hold(known, claim, f"source {source!r} is no Source nor Credit")
    for name in claim.formulas:
        _hold(name in mvtheory.formulas(), claim, f"formula {name!r} is not in the catalogue")
    _hold(
        bool(claim.does_not_show) and all(line.strip() for line in claim.does_not_show),
        claim,
        "does_not_show is empty: say what was not varied and what else would look the same",
    )
    _hold(bool(claim.wrong), claim, "no wrong formula is given, so that nothing must be refused")


def _check_settings(claim: Claim, preset: str) -> list[tuple[list[Expectation], list[Expectation]]]:
    """Expectations and requirements of each setting of a preset, checked with the settings."""
    settings = claim.settings(preset)
    if preset in WITHOUT_FILES and not settings:
        return []
    _hold(bool(settings), claim, f"{preset} has no setting")
    labels = [setting.label for setting in settings]
    _hold(len(set(labels)) == len(labels), claim, f"labels of {preset} repeat: {labels}")
    found = []
    for setting in settings:
        again = restore(json.loads(json.dumps(setting.describe())))
        _hold(again == setting, claim, f"{setting} describes itself as {again}")
        counts = setting.networks, setting.steps, setting.work
        _hold(min(counts) > 0, claim, f"networks, steps, work of {setting.label!r} are {counts}")
        expected, required = claim.expect(setting), claim.require(setting)
        _hold(bool(expected), claim, f"nothing is expected of {setting.label!r}")
        _hold(bool(required), claim, f"nothing is required of {setting.label!r}")
        for e in (*expected, *required):
            ends = (-math.inf if e.low is None else e.low, math.inf if e.high is None else e.high)
            for value in (e.predicted, e.expected):
                _hold(ends[0] <= value <= ends[1], claim, f"{value} is not in the range of {e}")
            _hold(0 <= e.spread < math.inf, claim, f"the spread of {e} is not in [0, inf)")
        found.append((expected, required))
    named = [_place(e) for expected, _ in found for e in expected]
    _hold(len(set(named)) == len(named), claim, f"places of {preset} repeat: {named}")
    panels = {panel for panel, _, _ in named}
    drawn = panels & set(claim.panels)
    _hold(bool(drawn), claim, f"no panel of {preset} is drawn, of {sorted(panels)}")
    if preset == CALIBRATED[0]:
        _hold(drawn == set(claim.panels), claim, f"{preset} leaves all but {drawn} empty")
    return found


def _place(expectation: Expectation) -> tuple[str, str, float | str]:
    return expectation.panel, expectation.series, expectation.x


def _check_wrong(claim: Claim, preset: str, expected: Sequence[Sequence[Expectation]]) -> None:
    """Every wrong formula excludes what the right one expects; a wrong rule leaves its ranges."""
    settings = claim.settings(preset)
    for wrong in claim.wrong:
        gap = max(
            gap
            for setting, right in zip(settings, expected, strict=True)
            for gap in _gaps(claim, wrong, setting, right)
        )
        _hold(
            gap > GAP,
            claim,
            f"wrong {wrong.words!r} is not refused: {gap:.2g} deviations of a replicate lie "
            f"between its ranges and what is expected, more than {GAP} are needed",
        )


def _gaps(claim: Claim, wrong: Wrong, setting: Any, right: Sequence[Expectation]) -> list[float]:
    """How far from the ranges claimed the truth is, in deviations; negative inside."""
    claimed = wrong.expect(setting) if wrong.expect else right
    places, theirs = ([_place(e) for e in own] for own in (right, claimed))
    _hold(places == theirs, claim, f"wrong {wrong.words!r} predicts {theirs}, and not {places}")
    views = setting.describe().get("data", {}).get("views", 0)
    gaps = []
    for e, own in zip(right, claimed, strict=True):
        truth = wrong.truth(e, views) if wrong.truth else e.expected
        below = -math.inf if own.low is None else own.low - truth
        above = -math.inf if own.high is None else truth - own.high
        gaps.append(max(below, above) / max(e.spread, 1e-12))
    return gaps


def _check_observations(claim: Claim, measured: Sequence[Measured]) -> None:
    for study in measured:
        for words, expect, observe in (
            ("observe", claim.expect, claim.observe),
            ("check", claim.require, claim.check),
        ):
            where = f"{words} of {study.setting.label!r}"
            own = expect(study.setting)
            seen, first, shuffled = (
                _samples(claim, where, own, observe(part), part.replicates)
                for part in (study, study.first(1), _shuffled(study))
            )
            for others, told in ((first, "other replicates"), (shuffled, "the order of rows")):
                for e, one, other in zip(own, seen, others, strict=True):
                    # Sums in another order are rounded otherwise.
                    same = np.allclose(
                        one.values[: other.values.size], other.values, rtol=1e-9, atol=1e-12
                    )
                    _hold(same, claim, f"{where} depends on {told}: {one}, {other}, for {e}")
    for line in claim.remarks(compared(claim, measured), measured):
        good = isinstance(line, str) and bool(line.strip()) and not re.search(r"\bnan\b", line)
        _hold(good, claim, f"remark {line!r} is no text, or says of something that it is nan")


def _samples(
    claim: Claim, where: str, expected: list[Expectation], samples: list[Sample], replicates: int
) -> list[Sample]:
    """What is observed: one finite sample for each expectation."""
    _hold(
        len(samples) == len(expected),
        claim,
        f"{where} gives {len(samples)} samples for {len(expected)} expectations",
    )
    for e, sample in zip(expected, samples, strict=True):
        good = isinstance(sample, Sample) and sample.values.shape == (replicates,)
        _hold(good, claim, f"{where} gives {sample!r} for {replicates} replicates of {e}")
        _hold(bool(np.isfinite(sample.values).all()), claim, f"{where}: {sample} is not finite")
        trials = None if e.trials is None else replicates * e.trials
        _hold(sample.trials == trials, claim, f"{where}: {sample} has not {trials} trials, of {e}")
    return samples


def compared(claim: Claim, measured: Sequence[Measured]) -> list[Comparison]:
    """What the claim expects of settings beside what is observed of them, none of it decided."""
    return [
        compare(e, sample, undecided())
        for study in measured
        for e, sample in zip(claim.expect(study.setting), claim.observe(study), strict=True)
    ]


def _shuffled(measured: Measured) -> Measured:
    """The same with the rows of each replicate in another order."""
    tables = {
        name: table.sample(frac=1, random_state=1).sort_values("replicate", kind="stable")
        for name, table in measured.tables.items()
    }
    return Measured(measured.setting, measured.replicates, tables)
