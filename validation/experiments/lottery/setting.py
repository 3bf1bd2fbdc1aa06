"""The experiment behind the first claims: patch networks on multi-view data.

`LotterySetting` holds every number of the experiment and what the theory expects of it before
training. The claims about it share the trained networks.
"""

import math
from dataclasses import dataclass

from mvtheory import coverage as theory
from mvtheory.race import expected_coverage, late_growth, upset_probability
from validation.data import MultiViewData
from validation.experiments.fitted import fits, fitted
from validation.experiments.patches import ScheduledSetting
from validation.experiments.reduced import race_setting
from validation.training.schedule import Schedule
from validation.trial.claim import Expectation, Measured, Sample

SCHEDULE = Schedule(160, 4.0, 60, 8.0, late_momentum=0.8)
"""Plain descent while the races are on, momentum to fit what single views leave open."""
CALLED_WRONGLY = 0.05
"""Share of races that may go against the initial weights beyond what noise and near-ties explain:
the margin of the claim `winner`, which others build on."""


@dataclass(frozen=True)
class LotterySetting(ScheduledSetting):
    """A replicate is a data set with `networks` networks, which differ in their initial weights.

    The regime: the ReLU's power makes views compete; the initial deviation is small, so that
    few races are tied; background noise lets a network memorise the single-view samples that
    it cannot explain, after its features have been learned.

    `name` tells settings of equal size apart. `sizes` are the ensembles measured, by default all.
    `shared` is the correlation of the initial weights of two networks of a family; the networks
    of a replicate are dealt out to `families` of equal size, each with a common part of its own,
    and ensembles are made within them. At the steps `watched` strengths are stored, in the table
    `race`. With a `decoy` they vote too, on samples that show one view alone and on others that
    show all views of another class beside it at this strength (tables `votes` and `pairs`).
    `in_full` has all measured that Theorems 1 and 2 state of training data, of multi-view samples
    and of strengths.
    """

    experiment = "lottery"
    trainer = "validation.experiments.lottery.training"

    data: MultiViewData
    training_samples: int
    networks: int = 10
    neurons: int = 6
    power: int = 4
    deviation: float = 0.015
    schedule: Schedule = SCHEDULE
    test_samples: int = 1000
    repeats: int = 8
    name: str = ""
    sizes: tuple[int, ...] = ()
    shared: float = 0.0
    families: int = 1
    watched: tuple[int, ...] = ()
    decoy: float = 0.0
    in_full: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.decoy < 1:
            raise ValueError(
                f"decoy={self.decoy} is not allowed (0 <= decoy < 1): the strength of another "
                "class beside a view of strength 1, 0 for no votes; choose a value in this range"
            )
        if not 0 <= self.shared <= 1:
            raise ValueError(
                f"shared={self.shared} is not allowed (0 <= shared <= 1): the correlation of the "
                "initial weights of two networks; choose a value in this range"
            )
        if self.families < 1 or self.networks % self.families:
            raise ValueError(
                f"families={self.families} is not allowed for networks={self.networks} (integer "
                ">= 1 that divides them); families are of equal size: choose a divisor"
            )
        if not all(1 <= size <= self.family for size in self.sizes):
            raise ValueError(
                f"sizes={self.sizes} is not allowed (1 <= size <= {self.family}, the networks of "
                "a family); choose smaller ensembles or train more networks"
            )

    @property
    def label(self) -> str:
        label = f"M = {self.data.views}, K = {self.data.classes}"
        return f"{self.name}, {label}" if self.name else label

    @property
    def family(self) -> int:
        """Networks of a family."""
        return self.networks // self.families

    @property
    def ensemble_sizes(self) -> tuple[int, ...]:
        return self.sizes or tuple(range(1, self.family + 1))

    def finite_size_coverage(self) -> float:
        """Coverage of one network at this initialisation, by the growth law."""
        return expected_coverage(
            self.data.views, self.neurons, self.power, self.deviation, self.late_growth()
        )

    def late_growth(self) -> float:
        """What a losing view still receives, integral of S dt, once the winner has taken off."""
        return late_growth(race_setting(self))

    def race_spread(self) -> float:
        """Relative deviation of a strength by what the winner's law leaves out.

        Noise n = <w, xi> in a view's patches, of deviation `feature_noise` times the initial
        one, changes the mean of z (z Lambda + n)^(q-1) over the n samples of a class by the
        relative deviation (q-1) / Lambda sqrt(E[z^(2q-2)] / n) / E[z^q] times n's; Lambda is
        taken at the median of the winner's. A strength counts with the power 1 / (q-2).
        """
        # Not at the top: to list claims is to be quick.
        from scipy import special

        data, power = self.data, self.power
        winner = special.ndtri(0.5 ** (1 / (self.neurons * data.views)))
        per_class = self.training_samples / data.classes
        relative = (power - 1) * data.feature_noise / winner
        relative *= math.sqrt(data.mean_power(2 * power - 2) / per_class)
        return relative / data.mean_power(power) / (power - 2)

    def coverage_spread(self, size: int) -> float:
        """Deviation of a replicate's mean coverage over all ensembles of `size` networks.

        Two independent parts: the lottery, and the near-ties, in which a class of a network
        learns a second view with probability M C - 1.
        """
        return self._spread(size, self._learned_by_one(size))

    def gain_spread(self, size: int) -> float:
        """The same of what ensembles of `size` cover more than the single networks in them.

        These have the same near-ties, and no lottery.
        """
        return self._spread(size, self._learned_by_one(size) - self._learned_by_one(1))

    def _learned_by_one(self, size: int) -> float:
        """By how much coverage rises if all networks learn a view more, in units of 1/M."""
        return size * (1 - self.finite_size_coverage()) ** (size - 1)

    def _spread(self, size: int, of_ties: float) -> float:
        views, classes = self.data.views, self.data.classes
        lottery = theory.union_variance(views, self.networks, size) / classes
        tied = min(max(views * self.finite_size_coverage() - 1, 0.0), 1.0)
        ties = (of_ties / views) ** 2 * tied * (1 - tied) / (classes * self.networks)
        return math.sqrt(lottery + ties)

    def guessed_spread(self, *coverages: float) -> float:
        """What guesses on the views that are not known add, were they independent of each other."""
        unknown = sum(max(1 - coverage, 0.0) for coverage in coverages)
        return guess_spread(self) * math.sqrt(unknown)

    def coverage_trials(self, size: int) -> int:
        """Independent trials in the coverage of ensembles of `size`: pairs of disjoint ensembles.

        The views of a class are negatively associated (one is learned, the others are not),
        so that counting them as independent errs on the side of a wider interval.
        """
        return self.networks // size * self.data.features

    def upset(self) -> float:
        return upset_probability(self.data.views, self.neurons, self.race_spread())


def guess_spread(setting: LotterySetting, items: float | None = None) -> float:
    """Deviation that guesses give a replicate's coverage, were no view known.

    All networks of a replicate are asked the same `items`, by default the view-only samples, of
    which they put 1/K right by chance. Networks that know the same view of a class have memorised
    the same samples and guess alike, so that there are M sets of independent answers, not one
    for each network.
    """
    data = setting.data
    answers = data.features * setting.repeats if items is None else items
    return math.sqrt(1 / (data.classes - 1) / (answers * min(setting.networks, data.views)))


def settings(preset: str) -> tuple[LotterySetting, ...]:
    """Settings of a preset: views and classes grow with it; smoke is for tests.

    So do the dimensions left to noise: memory of training noise answers to fresh noise by about
    xi^2 / sqrt(dimensions), and at four views that outvotes the one network of an ensemble that
    knows a view.
    """
    views, classes, noise_dimensions = {
        "smoke": ((2,), 4, 10),
        "quick": ((2, 3), 5, 14),
        "standard": ((2, 3, 4), 10, 18),
        "full": ((2, 3, 4), 20, 18),
    }[preset]
    return tuple(
        LotterySetting(
            data=MultiViewData(
                classes=classes,
                views=count,
                dimension=(count + noise_dimensions) * classes,
                # One single-view training sample for each (class, view).
                single_view_fraction=count / 50,
            ),
            training_samples=50 * classes,
            # While the races are on.
            watched=(*range(0, 45, 3), *range(45, 61, 5)),
            # As weak as the distractors of single-view training samples.
            decoy=MultiViewData.single_view_distractor_strength,
            in_full=True,
        )
        for count in views
    )


def require(setting: LotterySetting) -> list[Expectation]:
    """What networks and data must be before the claims say anything of them."""
    data = setting.data
    alone = float(theory.single_network(views=data.views))
    # Half of the single-view samples that the network's views do not explain.
    unexplained = data.single_view_fraction * (1 - alone) / 2
    accuracy = fits(setting, 1 - unexplained, math.sqrt(unexplained / 2 / setting.training_samples))
    # An overlap c lends a view the share c of another's response; a twentieth is a near-tie.
    # What is left of the noise in two mean patches is the deviation of their cosine.
    noise = data.feature_noise / data.mean_power(1)
    noise /= math.sqrt(setting.training_samples / data.classes)
    overlap = Expectation(
        "overlap of views", "training data", setting.label, 0.0, None, 0.05,
        spread=noise**2 / math.sqrt(data.dimension - data.features),
    )  # fmt: skip
    return [accuracy, overlap]


def check(measured: Measured) -> list[Sample]:
    return [fitted(measured), Sample.of(measured.by_replicate("data", "view_overlap"))]
