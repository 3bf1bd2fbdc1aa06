"""Claim: a single network fits its training data and knows one view of each class."""

import math
from collections.abc import Callable, Sequence

from mvtheory import coverage as theory
from mvtheory.references import Credit, Source
from validation.experiments.lottery.setting import LotterySetting, check, require, settings
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, Wrong

COVERAGE, ERROR = "coverage", "test error"


def error_of(coverage: float, single_view_fraction: float, classes: int) -> float:
    return float(
        theory.test_error(
            coverage=coverage, single_view_fraction=single_view_fraction, classes=classes
        )
    )


def expect(
    setting: LotterySetting,
    single_network: Callable[..., float] = theory.single_network,
    error: Callable[[float, float, int], float] = error_of,
) -> list[Expectation]:
    """Predictions; other formulas in place of the theory's serve the calibration."""
    data, margin = setting.data, setting.margin()
    alone = float(single_network(views=data.views))
    finite = alone + setting.finite_size_coverage() - 1 / data.views
    low, high = alone - margin, finite + margin
    predicted, at_finite, least, most = (
        error(min(coverage, 1.0), data.single_view_fraction, data.classes)
        for coverage in (alone, finite, high, low)
    )
    # Test sets show every view of every class equally often, so that what varies is the guess
    # among K classes on a view that is not known, and the coverage itself.
    guess = at_finite / data.classes / setting.test_samples / setting.networks
    by_coverage = (low - high) and (most - least) / (low - high) * setting.coverage_spread(1)
    spread = math.hypot(math.sqrt(max(guess, 0)), by_coverage)
    return [
        Expectation.around(
            COVERAGE, "one network", setting.label, alone, margin,
            math.hypot(setting.coverage_spread(1), setting.guessed_spread(finite)),
            setting.coverage_trials(1), finite, most=1.0,
        ),
        Expectation(
            ERROR, "one network", setting.label, predicted, min(least, most), max(least, most),
            spread, setting.test_samples, at_finite,
        ),
    ]  # fmt: skip


def observe(measured: Measured) -> list[Sample]:
    setting, replicates = measured.setting, measured.replicates
    return [
        Sample.of(
            measured.by_replicate("networks", "coverage").clip(0, 1),
            setting.coverage_trials(1) * replicates,
        ),
        Sample.of(
            measured.by_replicate("networks", "test_error"), setting.test_samples * replicates
        ),
    ]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    """How far the networks are from the asymptotic theory, and what explains it."""
    lines = []
    of_coverage = [c for c in comparisons if c.expectation.panel == COVERAGE]
    for comparison, study in zip(of_coverage, measured, strict=True):
        explained = comparison.expectation.expected - comparison.expectation.predicted
        counted = {
            name: study.by_replicate("networks", name).mean()
            for name in ("coverage_by_weights", "coverage_all_right", "multi_view_test_error")
        }
        lines.append(
            f"{study.setting.label}: coverage differs from the asymptotic 1/M by "
            f"{comparison.difference:+.3f} ± {comparison.standard_error:.3f}; the growth law at "
            f"this initialisation accounts for {explained:+.3f}. "
            f"Counted otherwise: views whose strength passed the threshold of the ReLU "
            f"{counted['coverage_by_weights']:.3f}; views with every view-only test sample right "
            f"{counted['coverage_all_right']:.3f}. Test error on multi-view samples, 0 in the "
            f"theory: {counted['multi_view_test_error']:.4f}."
        )
    return lines


def _coverage(words: str, formula: Callable[[int], float]) -> Wrong:
    return Wrong(words, lambda setting: expect(setting, lambda views: formula(views)))


def _error(words: str, formula: Callable[[float, float, int], float]) -> Wrong:
    return Wrong(words, lambda setting: expect(setting, error=formula))


SINGLE_VIEW = Claim(
    name="single-view",
    place=(1, 1),
    title="One network learns one view of each class",
    statement=(
        "A network trained to perfect training accuracy on multi-view data has learned, for each "
        "class, one of its M views. Its coverage is 1/M, and it errs on the single-view samples "
        "that show a view it does not know: test error mu (1 - 1/M) (1 - 1/K)."
    ),
    sources=(
        Credit(
            "{}; for M > 2 and the chance correction: ours", Source("allenzhu2023", "Theorem 1")
        ),
    ),
    formulas=("single_network", "test_error"),
    assumptions=(
        "orthonormal features, noise in their orthogonal complement",
        "a patch for each view; smoothed ReLU of power q > 2",
        "small initialisation, full-batch gradient descent on the cross-entropy",
        "few single-view samples: one for each (class, view)",
    ),
    margin=(
        "The range runs from the asymptotic value to the value that the growth law gives at this "
        "initialisation (near-ties, and single-view samples that teach the losing view before "
        "they are memorised), widened on both sides by (1 - 1/M)/(5M): a fifth of what a second "
        "network adds, the smallest difference on which somebody choosing a number of networks "
        "would act. For the test error the same range is carried through its formula. "
        "Precondition: the training accuracy leaves out at most half of the single-view samples "
        "that the known views do not explain."
    ),
    change=(
        "A lower activation power (at q = 2 every view is learned), a larger initialisation, more "
        "single-view samples, noise inside the span of the features, or background noise strong "
        "enough to be memorised before the features are learned."
    ),
    does_not_show=(
        "that networks without a patch for each view do so: they are patch networks of one hidden "
        "layer on drawn data, with full-batch gradient descent; optimisers, depth and natural "
        "images are not varied",
        "that 1/M holds for many views or classes: M is 2 and 3, in the preset standard up to 4",
        "which view is learned: any rule that picks one view of each class would give the same "
        "coverage",
    ),
    panels={
        COVERAGE: ("setting (M views, K classes)", "coverage C (share of class-view pairs)"),
        ERROR: ("setting (M views, K classes)", "test error (share of samples)"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _coverage("missing square root: 1/M^2", lambda m: 1 / m**2),
        _coverage("complement and M swapped: 2/(M + 1)", lambda m: 2 / (m + 1)),
        _coverage("M + 1 views: 1/(M + 1)", lambda m: 1 / (m + 1)),
        _coverage("every view", lambda m: 1.0),
        _error("error mu C in place of mu (1 - C)", lambda c, mu, k: mu * c * (1 - 1 / k)),
        _error("error without mu", lambda c, mu, k: (1 - c) * (1 - 1 / k)),
        _error("error mu (1 - C) / K", lambda c, mu, k: mu * (1 - c) / k),
        _error("error mu (1 - C)^2", lambda c, mu, k: mu * (1 - c) ** 2 * (1 - 1 / k)),
    ),
    remarks=remarks,
)
