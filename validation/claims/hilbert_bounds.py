"""Claim: rounds of self-distillation in Hilbert space last, shrink and sparsify within bounds."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mvtheory import self_distillation as theory
from mvtheory.references import Credit, Source
from validation.experiments.kernels import setting as kernels
from validation.experiments.kernels.setting import PROBES, KernelSetting
from validation.experiments.mixing import setting as mixing
from validation.experiments.mixing.setting import LAST, ONE, TEACHER, MixingSetting
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

ROUNDS, MOST = "rounds before collapse", "rounds before collapse, at most"
NORM, SOURCE_NORM = "norm of the fit", "norm of the fit, bound of the source"
RATIO, FUNCTIONS = "growth of the filter's ratio", "basis functions left"
TEST_ERROR, AGREEMENT = "test error", "trained against recursion"
RISK, BEST = "excess risk of ridge", "best mixing of one step"
SOURCE, OURS = "by the condition number", "by the residual"

HALF = 0.5
"""A round: they come whole, and the bounds are reached where kappa is near 1."""
RESOLUTION = 0.05
"""Of the norm of a round's residual, for the same reason."""
ROUNDING = 1e-8
"""Of labels of size 1: rounding 1e-16, times conditions up to 1e4, times some 30 rounds, and the
accuracy of the penalties."""
SHARE = 0.2
"""Of what mixing gains, and of the best mixing itself: that loses 4 % of the gain."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The formulas on trial; others in their place serve the calibration."""

    source_rounds: Callable[[float, float], float]
    least_rounds: Callable[[float], float]
    most_rounds: Callable[[float, float], float]
    source_norm: Callable[[float, float, int], float]
    growth: Callable[[float, float], float]
    mixing: Callable[[MixingSetting], float]


RULES = Rules(
    source_rounds=lambda r, k: theory.rounds_before_collapse(relative_norm=r, condition=k),
    least_rounds=lambda r: theory.rounds_at_least(relative_norm=r),
    most_rounds=lambda r, k: theory.rounds_at_most(relative_norm=r, condition=k),
    source_norm=lambda r, k, t: theory.norm_bound(relative_norm=r, condition=k, rounds=t),
    growth=lambda r, k: theory.sparsity_growth(
        relative_norm=r, smaller_eigenvalue=1, larger_eigenvalue=k, rounds=1
    ),
    mixing=lambda setting: float(setting.optimum(1).mixings[0]),
)


def settings(preset: str) -> tuple[KernelSetting | MixingSetting, ...]:
    return (*kernels.settings(preset), *mixing.settings(preset))


def expect(setting: KernelSetting | MixingSetting, rules: Rules = RULES) -> list[Expectation]:
    """Predictions; other rules in place of the theory's serve the calibration."""
    if isinstance(setting, MixingSetting):
        return _expect_mixing(setting, rules)
    r, k, label, expected = (
        setting.relative_norm, setting.condition, setting.label, setting.expected()
    )  # fmt: skip

    def bound(
        panel: str, series: str, x: float | str, name: str, predicted: float,
        low: float | None, high: float | None = None,
    ) -> Expectation:  # fmt: skip
        mean, spread = expected[name]
        return Expectation(panel, series, x, predicted, low, high, spread, None, mean)

    source, least = rules.source_rounds(r, k), rules.least_rounds(r)
    most, growth = rules.most_rounds(r, k), rules.growth(r, k)
    found = [
        bound(ROUNDS, SOURCE, label, "time", source, source),
        bound(ROUNDS, OURS, label, "time", least, least - HALF),
        bound(MOST, OURS, label, "time", most, None, most + HALF),
        # A ratio that grows is bounded from below, one that falls from above.
        bound(RATIO, "growth", label, "growth", growth, *(
            (growth, None) if growth > 0 else (None, growth)
        )),
        bound(FUNCTIONS, "share", label, "share", 1.0, None, 1.0),
    ]  # fmt: skip
    for t in _probes(setting):
        low = theory.norm_at_least(relative_norm=r, rounds=t)
        high = theory.norm_at_most(relative_norm=r, condition=k, rounds=t)
        found.append(
            bound(NORM, label, t, f"norm_{t}", low, low - RESOLUTION, high + RESOLUTION)
        )  # fmt: skip
    for t in _source_probes(setting):
        low = rules.source_norm(r, k, t)
        found.append(bound(SOURCE_NORM, label, t, f"norm_{t}", low, low))
    for series in ("fitted values", "test predictions"):
        found.append(Expectation(AGREEMENT, series, label, 0.0, None, ROUNDING, 1e-10))
    if setting.overfits:
        for series, name in (("first rounds help", "gain"), ("more rounds hurt", "loss")):
            found.append(bound(TEST_ERROR, series, label, name, 0.0, 0.0))
    return found


def _probes(setting: KernelSetting) -> list[int]:
    """Rounds that are sure to come before collapse."""
    return [t for t in PROBES if t < setting.relative_norm - 1]


def _source_probes(setting: KernelSetting) -> list[int]:
    """Those of them at which the source's bound is above collapse, so that it says something."""
    r, k = setting.relative_norm, setting.condition
    return [t for t in _probes(setting) if RULES.source_norm(r, k, t) > 1]


def _expect_mixing(setting: MixingSetting, rules: Rules) -> list[Expectation]:
    compared, best = setting.mixings(), rules.mixing(setting)
    teacher, _ = setting.risk(compared[TEACHER])
    found = []
    for name, mixings in compared.items():
        right, spread = setting.risk(mixings)
        gain = SHARE * (teacher - (right if name != TEACHER else setting.optimum(1).risk))
        predicted = setting.risk(np.array([best]))[0] if name == ONE else right
        found.append(
            Expectation(
                RISK, name, setting.label, predicted, predicted - gain, predicted + gain, spread
            )
        )
    margin = SHARE * abs(float(setting.optimum(1).mixings[0]))
    found.append(
        Expectation(
            BEST, "xi", setting.label, best, best - margin, best + margin, setting.best_spread()
        )
    )
    return found


def observe(measured: Measured) -> list[Sample]:
    setting = measured.setting
    if isinstance(setting, MixingSetting):
        names = [*(name.replace(" ", "_") for name in (TEACHER, ONE, LAST)), "best"]
        return [Sample.of(measured.by_replicate("mixing", name)) for name in names]
    names = ["time", "time", "time", "growth", "share"]
    names += [f"norm_{t}" for t in _probes(setting)]
    names += [f"norm_{t}" for t in _source_probes(setting)]
    names += ["fitted_difference", "test_difference"]
    names += ["gain", "loss"] if setting.overfits else []
    return [Sample.of(measured.by_replicate("kernels", name)) for name in names]


def require(setting: KernelSetting | MixingSetting) -> list[Expectation]:
    if isinstance(setting, MixingSetting):
        return mixing.require(setting)
    return kernels.require(setting)


def check(measured: Measured) -> list[Sample]:
    own = mixing if isinstance(measured.setting, MixingSetting) else kernels
    return own.check(measured)


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        setting = study.setting
        if isinstance(setting, MixingSetting):
            teacher, one, last = (
                study.by_replicate("mixing", name.replace(" ", "_")).mean()
                for name in (TEACHER, ONE, LAST)
            )
            best = study.by_replicate("mixing", "best").mean()
            lines.append(
                f"{setting.label}: the best mixing is {best:.2f}, outside [0, 1]; it takes the "
                f"excess risk from {teacher:.4f} to {one:.4f}, {setting.rounds} steps take it to "
                f"{last:.4f}. No filter comes below {setting.optimum(1).least_risk:.4f}."
            )
            continue
        r, k = setting.relative_norm, setting.condition
        time = study.by_replicate("kernels", "time").mean()
        left = study.by_replicate("kernels", "share").mean()
        lines.append(
            f"{setting.label}: {time:.2f} rounds until collapse; the source guarantees "
            f"{RULES.source_rounds(r, k):.3g}, the residual {r - 1:g}, and it allows "
            f"{RULES.most_rounds(r, k):.3g}. Of the basis functions of the first round a share of "
            f"{left:.3f} is left."
        )
        if setting.overfits:
            gain = math.exp(-study.by_replicate("kernels", "gain").mean())
            loss = math.exp(study.by_replicate("kernels", "loss").mean())
            lines.append(
                f"{setting.label}: after {setting.stopping} rounds the test error is {gain:.2f} "
                f"times that of the first, at collapse {loss:.2f} times that after "
                f"{setting.stopping} rounds."
            )
    return lines


def _wrong(words: str, **changed: Callable[..., float]) -> Wrong:
    rules = replace(RULES, **changed)
    return Wrong(words, lambda setting: expect(setting, rules))


def _tangent_without_tolerance(norm: float, condition: float, rounds: int) -> float:
    slope = 1 - condition * (condition - 1) / (norm - 1 + condition) ** 2
    return slope**rounds * norm


HILBERT_BOUNDS = Claim(
    name="hilbert-bounds",
    place=(7, 1),
    title="Self-distillation in Hilbert space lasts, shrinks and sparsifies within bounds",
    statement=(
        "A kernel regression that learns its own last fit, leaving a mean squared residual eps in "
        "every round, lasts at least (r_0 - 1)/kappa rounds, keeps at least the norm a^t r_0 - "
        "b (a^t - 1)/(a - 1), and uses fewer basis functions in every round; where the first fit "
        "overfits, the first rounds lower the test error and the last ones raise it. Sharper, by "
        "the residual alone: between r_0 - 1 and (r_0 - 1)(1 + kappa)/(2 sqrt(kappa)) rounds, and "
        "r_t >= r_0 - t. Ridge regression on labels mixed with its own fit has least risk at a "
        "mixing in closed form, which may lie outside [0, 1]."
    ),
    sources=(
        Credit("{}; bounds by the residual: ours", Source("mobahi2020", "Section 3")),
        Credit(
            "{}, {} and {} for mixing", Source("das2023"), Source("pareek2024"), Source("dang2026")
        ),
    ),
    formulas=(
        "rounds_before_collapse", "rounds_at_least", "rounds_at_most", "norm_bound",
        "sparsity_growth",
    ),
    assumptions=(
        "every round is solved exactly: least norm under the bound on the residual",
        "the Gram matrix is positive definite, its condition number set by a nugget",
        "for mixing: a fixed design, independent noise of known deviation, labels linear in the "
        "pixels",
    ),
    margin=(
        "Bounds are one-sided where the theory has one side; those by the residual are reached at "
        f"kappa near 1 and are held to half a round, and to {RESOLUTION} of a residual's norm. "
        "Trained and calculated values agree to rounding, 1e-8 of the labels. Test error is to "
        "fall, and to rise, by any amount. Excess risks are held to a fifth of what mixing gains, "
        "the best mixing to a fifth of itself, which costs 4 % of the gain."
    ),
    change=(
        "Rounds that are not solved to the end, a tolerance that changes from round to round, or "
        "labels kept in the targets; for mixing, noise that depends on the input."
    ),
    does_not_show=(
        "that neural networks distil themselves so: these are kernel and ridge regressions, "
        "solved exactly",
        "that the bounds are sharp between the settings where they are reached",
        "regressions whose rounds leave another residual each, or labels among the targets",
    ),
    panels={
        ROUNDS: ("setting", "rounds until collapse"),
        NORM: ("round t", "norm over sqrt(n eps)"),
        SOURCE_NORM: ("round t", "norm over sqrt(n eps)"),
        RATIO: ("setting", "least growth in a round\n(logarithm)"),
        FUNCTIONS: ("setting", "basis functions at collapse\nover those of round 1"),
        TEST_ERROR: ("setting", "change of the test error\n(logarithm)"),
        RISK: ("setting", "excess risk (squared labels)"),
        BEST: ("setting", "best mixing xi"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong("kappa inverted", source_rounds=lambda r, k: k * (r - 1)),
        _wrong(
            "r_0 in place of r_0 - 1", source_rounds=lambda r, k: r / k, least_rounds=lambda r: r,
            most_rounds=lambda r, k: r * (1 + k) / (2 * math.sqrt(k)),
        ),
        _wrong(
            "residual at right angles to the fit: r_0^2 - 1 rounds",
            least_rounds=lambda r: r**2 - 1, most_rounds=lambda r, k: r**2 - 1,
        ),
        _wrong("norm without the part of sqrt(n eps)", source_norm=_tangent_without_tolerance),
        _wrong(
            "eigenvalues swapped: the basis gets denser", growth=lambda r, k: -RULES.growth(r, k)
        ),
        _wrong("mixing with the sign turned round", mixing=lambda s: -RULES.mixing(s)),
        _wrong("labels and teacher swapped: 1 - xi", mixing=lambda s: 1 - RULES.mixing(s)),
        _wrong(
            "mixing kept within [0, 1]", mixing=lambda s: min(max(RULES.mixing(s), 0.0), 1.0)
        ),
        _wrong(
            "mixing without noise", mixing=lambda s: RULES.mixing(replace(s, deviation=0.0))
        ),
    ),
    remarks=remarks,
)  # fmt: skip
