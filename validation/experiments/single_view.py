"""Claim: a single network fits its training data and knows one view of each class."""

from collections.abc import Sequence

from mvtheory import coverage as theory
from validation.claim import Claim, Comparison, Expectation
from validation.experiments.lottery import LotterySetting, Measured, settings

COVERAGE, ACCURACY, ERROR = "coverage", "training accuracy", "test error"


def expect(setting: LotterySetting) -> list[Expectation]:
    data = setting.data
    alone = float(theory.single_network(views=data.views))
    finite, margin = setting.finite_size_coverage(), setting.margin()

    def error(coverage: float) -> float:
        return float(
            theory.test_error(
                coverage=coverage,
                single_view_fraction=data.single_view_fraction,
                classes=data.classes,
            )
        )

    low, high = alone - margin, min(1.0, finite + margin)
    # Half of the single-view samples that the network's views do not explain.
    unexplained = data.single_view_fraction * (1 - alone) / 2
    return [
        Expectation(COVERAGE, "one network", setting.label, alone, low, high, finite),
        Expectation(ACCURACY, "one network", setting.label, 1.0, 1 - unexplained, 1.0),
        Expectation(
            ERROR, "one network", setting.label, error(alone), error(high), error(low),
            error(finite),
        ),
    ]  # fmt: skip


def observe(measured: Measured) -> list[tuple[Sequence[float], int]]:
    return [
        (measured.by_set(quantity), measured.lotteries)
        for quantity in ("coverage", "training_accuracy", "test_error")
    ]


def remarks(comparisons: list[Comparison], measured: list[Measured]) -> list[str]:
    """How far the networks are from the asymptotic theory, and what explains it."""
    lines = []
    of_coverage = [c for c in comparisons if c.expectation.panel == COVERAGE]
    for comparison, study in zip(of_coverage, measured, strict=True):
        finite = comparison.expectation.finite_size or comparison.expectation.predicted
        counted = {
            name: sum(study.by_set(name)) / study.setting.sets
            for name in ("coverage_by_weights", "coverage_all_right", "multi_view_test_error")
        }
        lines.append(
            f"{study.setting.label}: coverage differs from the asymptotic 1/M by "
            f"{comparison.difference:+.3f} ± {comparison.standard_error:.3f}; the growth law at "
            f"this initialisation accounts for {finite - comparison.expectation.predicted:+.3f}. "
            f"Counted otherwise: views whose strength passed the threshold of the ReLU "
            f"{counted['coverage_by_weights']:.3f}; views with every view-only test sample right "
            f"{counted['coverage_all_right']:.3f}. Test error on multi-view samples, 0 in the "
            f"theory: {counted['multi_view_test_error']:.4f}."
        )
    return lines


SINGLE_VIEW = Claim(
    name="single-view",
    title="One network learns one view of each class",
    statement=(
        "A network trained to perfect training accuracy on multi-view data has learned, for each "
        "class, one of its M views. Its coverage is 1/M, and it errs on the single-view samples "
        "that show a view it does not know: test error mu (1 - 1/M) (1 - 1/K)."
    ),
    sources=("Allen-Zhu & Li (2023), Theorem 1; for M > 2 and the chance correction: ours",),
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
        "would act. For the test error the same range is carried through its formula. The "
        "training accuracy must leave out at most half of the single-view samples that the known "
        "views do not explain."
    ),
    change=(
        "A lower activation power (at q = 2 every view is learned), a larger initialisation, more "
        "single-view samples, noise inside the span of the features, or background noise strong "
        "enough to be memorised before the features are learned."
    ),
    panels={
        COVERAGE: ("setting (M views, K classes)", "coverage C (share of class-view pairs)"),
        ACCURACY: ("setting (M views, K classes)", "training accuracy (share of samples)"),
        ERROR: ("setting (M views, K classes)", "test error (share of samples)"),
    },
    settings=settings,
    expect=expect,
    observe=observe,
    remarks=remarks,
)
