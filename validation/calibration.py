"""The verdicts' own error rates, measured on simulated studies, and on wrong formulas.

A study is a whole run: all claims of the quick preset, judged together with all looks. Its
replicates are drawn around a known truth with the spread that the theory expects, so that it is
known which verdicts are false. Wrong formulas are judged alone, at the strictest level of a run.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.table import Table

from validation.claims import CLAIMS, of_preset
from validation.experiments import restore
from validation.records import plans
from validation.records.gathered import gather
from validation.threads import one_thread
from validation.trial.claim import Expectation, Verdict, Wrong
from validation.trial.evidence import clopper_pearson
from validation.trial.plan import make
from validation.trial.simulation import Simulated, verdicts
from validation.trial.verdict import ALPHA, Case, judge

Steps = Callable[[int, str], Iterable[int]]


def untold(count: int, words: str) -> Iterable[int]:
    """Steps that nobody watches."""
    return range(count)


@dataclass(frozen=True)
class Calibration:
    """Counts over simulated studies."""

    studies: int
    claims: list[str]
    replicates: dict[str, int]
    """At the first look, by claim."""
    false_holds: Counter[str]
    """By claim, and under "any": studies with a claim whose truth is at its border yet HOLDS."""
    false_fails: Counter[str]
    power: Counter[str]
    """HOLDS at the first look, by claim, when the prediction is exact."""
    wrong: list[tuple[str, Wrong, Counter[str], int, str | None]]
    """Claim, wrong formula, verdicts on it, their number, and the verdict on real networks."""


@one_thread()
def calibrate(
    studies: int, seed: int, folder: Path | None = None, steps: Steps = untold
) -> Calibration:
    """Simulate studies of the quick preset.

    Parameters
    ----------
    studies : int
        Of each kind: truth at the border; truth as predicted; a twentieth as many for each
        wrong formula, at least one.
    seed : int
    folder : Path, optional
        A finished run, by whose trained networks the wrong formulas are judged too.
    steps : callable, optional
        Goes through so many steps, of which it is told what they are, and may show how far it is.
    """
    real = None if folder is None else on_networks(folder)
    plan = make(of_preset("quick"), "quick", seed)
    claims = [Simulated.of(planned) for planned in plan.claims]
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,)))
    names, looks = [claim.name for claim in claims], [claim.looks for claim in claims]
    false_holds: Counter[str] = Counter()
    false_fails: Counter[str] = Counter()
    power: Counter[str] = Counter()

    for _ in steps(studies, "truth at the border"):
        studied = [claim.study(claim.looks[-1], rng, at_border=True) for claim in claims]
        found = verdicts(studied, looks)
        for kind, counter in ((Verdict.HOLDS, false_holds), (Verdict.FAILS, false_fails)):
            hit = [name for name, verdict in zip(names, found, strict=True) if verdict is kind]
            counter.update(hit)
            counter["any"] += bool(hit)
    for _ in steps(studies, "truth as predicted"):
        studied = [claim.study(claim.looks[0], rng) for claim in claims]
        power.update(
            name
            for name, decision in zip(names, judge(studied, look=1), strict=True)
            if decision.verdict is Verdict.HOLDS
        )
    few = max(1, studies // 20)
    # The strictest level that Holm may ask for, whatever becomes of the other claims.
    strictest = ALPHA / len(claims)
    wrong = []
    for name, formula in wrong_formulas():
        counter = Counter[str]()
        claim = claims[names.index(name)]
        expected = wrong_expectations(name, formula) if formula.expect else None
        for _ in steps(few, f"{name}: {formula.words}"):
            study = claim.study(claim.looks[-1], rng, truth=formula.truth, judged_by=expected)
            counter[str(*verdicts([study], [claim.looks], strictest))] += 1
        wrong.append((name, formula, counter, few, real(name, formula) if real else None))
    replicates = {claim.name: claim.looks[0] for claim in claims}
    return Calibration(studies, names, replicates, false_holds, false_fails, power, wrong)


def wrong_formulas() -> list[tuple[str, Wrong]]:
    """Every wrong formula, after the name of the claim that must refuse it."""
    return [(claim.name, wrong) for claim in of_preset("quick") for wrong in claim.wrong]


def wrong_expectations(name: str, wrong: Wrong) -> list[Expectation]:
    """What the wrong formula predicts for the settings of the quick preset."""
    assert wrong.expect is not None
    return [e for setting in CLAIMS[name].settings("quick") for e in wrong.expect(setting)]


def on_networks(folder: Path) -> Callable[[str, Wrong], str | None]:
    """A judge of wrong formulas by the trained networks of a finished run.

    None for a rule that was not measured, and for a claim without its first look.
    """
    names = plans.registered(folder)
    if not names:
        raise ValueError(f"folder={str(folder)!r} holds no run: give that of a finished run")
    plan = plans.load(folder, names[-1])
    evidence, planned = gather(folder, plan), {claim.name: claim for claim in plan.claims}
    # As one of as many claims as the run had: the strictest level that Holm may ask for.
    alpha = ALPHA / len(planned)

    def verdict(name: str, wrong: Wrong) -> str | None:
        if wrong.expect is None or name not in planned:
            return None
        claim = planned[name]
        case = evidence.complete_case(claim, claim.replicates[0])
        if case is None:
            return None
        # For the settings that were trained, whatever today's presets are.
        settings = [restore(study.setting.plain) for study in claim.studies]
        expectations = [e for setting in settings for e in wrong.expect(setting)]
        judged = Case(expectations, case.samples, case.requirements, case.checks)
        return str(judge([judged], 1, alpha)[0].verdict)

    return verdict


def passed(result: Calibration) -> bool:
    """False HOLDS within 5 %, power of 90 %, every wrong formula refused; as far as counts tell."""

    def least(count: int, number: int) -> float:
        return clopper_pearson(count, count, number, 0.005)[0]

    def most(count: int, number: int) -> float:
        return clopper_pearson(count, count, number, 0.005)[1]

    return (
        least(result.false_holds["any"], result.studies) <= ALPHA
        and least(result.false_fails["any"], result.studies) <= ALPHA
        and all(most(result.power[name], result.studies) >= 0.9 for name in result.claims)
        and all(
            most(counter[Verdict.FAILS], number) >= 0.95
            # Networks that refute the claim need not refute the wrong formula too.
            and (real in (None, Verdict.FAILS) or CLAIMS[name].refuted)
            for name, _, counter, number, real in result.wrong
        )
    )


def tables(result: Calibration) -> list[Table]:
    """The calibration as tables for the terminal."""
    rates = Table(
        "claim", "replicates", "false HOLDS", "false FAILS", "power",
        title=f"{result.studies} simulated studies of each kind", title_justify="left",
    )  # fmt: skip

    def share(count: int) -> str:
        return f"{100 * count / result.studies:.2f} %"

    for name in [*result.claims, "any"]:
        rates.add_row(
            name if name != "any" else "any claim of the run",
            str(result.replicates.get(name, "")),
            share(result.false_holds[name]),
            share(result.false_fails[name]),
            share(result.power[name]) if name != "any" else "",
        )
    wrong = Table(
        "claim", "wrong formula", "FAILS", "HOLDS", "undecided", "on trained networks",
        title="Wrong formulas, judged on studies that follow the right ones", title_justify="left",
    )  # fmt: skip
    for name, formula, counter, number, real in result.wrong:
        wrong.add_row(
            name,
            formula.words,
            f"{100 * counter[Verdict.FAILS] / number:.1f} %",
            f"{100 * counter[Verdict.HOLDS] / number:.1f} %",
            f"{100 * (number - counter[Verdict.FAILS] - counter[Verdict.HOLDS]) / number:.1f} %",
            real or "-",
        )
    return [rates, wrong]
