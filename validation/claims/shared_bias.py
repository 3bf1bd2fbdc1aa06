"""Claim: networks with correlated starts share a bias, by the Dirichlet law."""

import math
from collections.abc import Callable, Sequence

from mvtheory import coverage as theory
from mvtheory.coverage import agreement, concentration, correlated_coverage
from mvtheory.references import Credit, Source
from validation.experiments.lottery.setting import LotterySetting, check, guess_spread, require
from validation.experiments.lottery.small import small_lottery
from validation.trial.claim import Claim, Comparison, Expectation, Measured, Sample, wrong_by

PANEL = "ensemble coverage"

Law = Callable[[int, LotterySetting], float]
"""Coverage of N networks of a setting."""


def dirichlet(networks: int, setting: LotterySetting) -> float:
    views = setting.data.views
    shape = concentration(views, setting.neurons, setting.shared)
    return float(theory.shared_bias(views=views, networks=networks, concentration=shape))


def raced(networks: int, setting: LotterySetting, late_growth: float = 0.0) -> float:
    """The same by the race itself, without the law's assumption."""
    return correlated_coverage(
        setting.data.views, setting.neurons, setting.shared, networks,
        power=setting.power, deviation=setting.deviation, late_growth=late_growth,
    )  # fmt: skip


def settings(preset: str) -> tuple[LotterySetting, ...]:
    every = {
        "smoke": ((2, 0.7),),
        "quick": ((2, 0.7),),
        "standard": ((2, 0.3), (2, 0.7), (2, 0.95), (3, 0.7)),
        "full": ((2, 0.3), (2, 0.7), (2, 0.95), (3, 0.3), (3, 0.7), (3, 0.95)),
    }[preset]
    families = {"smoke": 1, "quick": 5, "standard": 4, "full": 2}[preset]
    return tuple(
        small_lottery(
            preset,
            f"starts correlated by {shared:g}",
            views,
            10 * families,
            # A view may be known to one network of ten alone.
            noise_dimensions=16 * views,
            shared=shared,
            families=families,
            sizes=tuple(range(1, 11)),
        )
        for views, shared in every
    )


def expect(setting: LotterySetting, law: Law = dirichlet) -> list[Expectation]:
    """Coverage for each size; `law` in place of the theory's serves the calibration."""
    margin, late = setting.margin(), setting.late_growth()
    expectations = []
    for size in setting.sizes:
        predicted = law(size, setting)
        # What near-ties add, and what the race itself has in place of the Dirichlet law.
        finite = predicted + raced(size, setting, late) - dirichlet(size, setting)
        expectations.append(
            Expectation.around(
                PANEL, setting.label, size, predicted, margin, spread(setting, size),
                finite_size=finite, most=1.0,
            )
        )  # fmt: skip
    return expectations


def spread(setting: LotterySetting, size: int) -> float:
    """Deviation of a replicate's mean coverage over all ensembles of `size` in each family.

    The lottery's part is exact for the Dirichlet law. Near-ties and guesses besides.
    """
    data = setting.data
    shape = concentration(data.views, setting.neurons, setting.shared)
    lottery = theory.union_variance(data.views, setting.family, size, shape)
    lottery /= data.classes * setting.families
    known = dirichlet(size, setting)
    alone = setting.finite_size_coverage()
    tied = min(max(data.views * alone - 1, 0.0), 1.0)
    ties = tied * (1 - tied) / data.views**2 / (data.classes * setting.networks)
    guesses = guess_spread(setting) ** 2 * (1 - known)
    return math.sqrt(lottery + ties + guesses)


def observe(measured: Measured) -> list[Sample]:
    table = measured.tables["ensembles"]
    coverage = table.pivot(index="replicate", columns="size", values="coverage").clip(0, 1)
    return [Sample.of(coverage[size].to_numpy()) for size in measured.setting.sizes]


def remarks(comparisons: Sequence[Comparison], measured: Sequence[Measured]) -> list[str]:
    lines = []
    for study in measured:
        setting = study.setting
        own = [c for c in comparisons if c.expectation.series == setting.label]
        last = own[-1]
        size = int(last.expectation.x)
        independent = float(theory.ensemble(views=setting.data.views, networks=size))
        lines.append(
            f"{setting.label}: two networks agree on {_agree(setting):.3f} of the classes by the "
            f"theory, which is a = {_shape(setting):.3f}. At N = {size} the Dirichlet law gives "
            f"{last.expectation.predicted:.3f}, the race without its assumption "
            f"{raced(size, setting):.3f}, with near-ties {last.expectation.expected:.3f}; observed "
            f"{last.observed:.3f} ± {last.standard_error:.3f}. Independent networks would cover "
            f"{independent:.3f}."
        )
    return lines


def _agree(setting: LotterySetting) -> float:
    return agreement(setting.data.views, setting.neurons, setting.shared)


def _shape(setting: LotterySetting) -> float:
    return concentration(setting.data.views, setting.neurons, setting.shared)


def _of_shape(shape: Callable[[LotterySetting], float], more: int = 0) -> Law:
    def law(networks: int, setting: LotterySetting) -> float:
        views = setting.data.views
        return float(
            theory.shared_bias(views=views, networks=networks + more, concentration=shape(setting))
        )

    return law


_wrong = wrong_by(expect)


SHARED_BIAS = Claim(
    name="shared-bias",
    place=(3, 3),
    title="Networks with correlated starts cover what the Dirichlet law says",
    statement=(
        "If the initial weights of the networks of an ensemble are correlated by rho, they share "
        "favourite views. Two agree on a class with the probability P that the largest of m M "
        "correlated Gaussian responses belong to the same view; N cover 1 - prod_(i<N) ((M-1) a + "
        "i)/(M a + i) with a = (1 - P)/(M P - 1)."
    ),
    sources=(
        Credit(
            "The Dirichlet law and its concentration: ours. {}, is its limit of independent starts",
            Source("allenzhu2023", "Theorem 2"),
        ),
    ),
    formulas=("shared_bias", "ensemble"),
    assumptions=(
        "those of the claim single-view for each network",
        "w = sqrt(rho) w_common + sqrt(1 - rho) w_own, the same common part in an ensemble",
        "win probabilities given the common part follow a Dirichlet law",
    ),
    margin=(
        "At every N the range holds the Dirichlet law and the race without its assumption, with "
        "the near-ties of this initialisation, widened by (1 - 1/M)/(5M): a fifth of what a second "
        "independent network adds. Independent networks leave it from N = 2 on."
    ),
    change=(
        "Biases of another shape: with the common part in a few neurons only, or in the data's own "
        "strengths (claim unequal-views), win probabilities are no longer Dirichlet."
    ),
    does_not_show=(
        "a Dirichlet law of win probabilities: the coverage of N networks follows it, which other "
        "laws with the same agreement of two nearly would too",
        "common parts of other shapes, such as a shared pretraining",
        "in the preset quick, any correlation but .7",
    ),
    panels={PANEL: ("number of networks N", "coverage C (share of class-view pairs)")},
    settings=settings,
    expect=expect,
    observe=observe,
    require=require,
    check=check,
    wrong=(
        _wrong(
            "independent networks",
            lambda n, setting: float(theory.ensemble(views=setting.data.views, networks=n)),
        ),
        _wrong("one network, many times", lambda n, setting: 1 / setting.data.views),
        _wrong(
            "wins correlated like the weights: 1/(Ma + 1) = rho",
            _of_shape(lambda s: (1 / s.shared - 1) / s.data.views),
        ),
        _wrong(
            "correlation 1 - rho",
            _of_shape(lambda s: concentration(s.data.views, s.neurons, 1 - s.shared)),
        ),
        _wrong("N + 1 in place of N", _of_shape(_shape, more=1)),
    ),
    remarks=remarks,
)
