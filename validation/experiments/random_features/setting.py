"""The experiment with frozen features: regression on random features of multi-view data.

`RandomFeatureSetting` holds every number of the experiment and what the theory expects of it. Not
even training needs torch here: the models are solved for.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mvtheory.features import FeatureRegression, arc_cosine_diagonal, arc_cosine_kernel
from validation.data import MultiViewData
from validation.experiments.description import Described
from validation.experiments.grouped import NONE, check_numbers
from validation.experiments.grouped import in_gains as of_shares
from validation.trial.claim import Expectation, Measured, Sample

Features = Literal["random features", "neural tangent"]
KINDS = ("one", "ensemble", "joint", "student")
MEASURED = (*KINDS, "self")
"""Of these students of one model the theory says nothing."""
"""One model; the average of N; the same N trained as one; one that learns the average's outputs."""
TUNED = 0.2
"""A ridge in units of the kernel's mean eigenvalue, about the best of all four kinds by the theory.
"""
PROBLEMS = 4
"""Draws of the data over which the theory's expectation is averaged."""
REPEATS = 20
"""Of each view, in the theory's own draws."""


@dataclass(frozen=True, kw_only=True)
class RandomFeatureSetting(Described):
    """A replicate is a data set with models of every number of features; N models of each.

    A model is ridge regression of the centred one-hot labels on frozen features: P responses
    sum_p ReLU(<w_r, x_p>), or the gradients sum_p 1[<w_r, x_p> > 0] x_p of m such neurons.
    """

    experiment = "random features"
    trainer = "validation.experiments.random_features.training"
    kind_of_model = "ridge regression"

    data: MultiViewData
    training_samples: int
    features: Features
    counts: tuple[int, ...]
    """P of random features, m of the neural tangent."""
    ridge: float
    models: int = 10
    groups: int = 2
    """Ensembles, each with a joint model; its students have the features of the next one's models,
    since those of its own would know what they are asked about."""
    test_samples: int = 50
    repeats: int = 60

    def __post_init__(self) -> None:
        if self.features not in get_args(Features):
            raise ValueError(f"features={self.features!r} is not known; "
                             f"choose one of {', '.join(get_args(Features))}")  # fmt: skip
        check_numbers(self.groups, self.ridge)

    @property
    def name(self) -> str:
        return f"{self.features}, {'ridge' if self.ridge > NONE else 'no ridge'}"

    @property
    def label(self) -> str:
        return f"{self.name}, K = {self.data.classes}"

    @property
    def networks(self) -> int:
        return (2 * self.models + 1) * self.groups * len(self.counts)

    @property
    def steps(self) -> int:
        return 1

    def shortened(self, steps: int) -> "RandomFeatureSetting":
        # Solved in one step.
        return self

    def parameters(self, count: int) -> int:
        """Of a class in one model."""
        return count * (self.data.dimension if self.features == "neural tangent" else 1)

    def per_sample(self, count: int) -> float:
        """Parameters of a class in one model, for each training sample."""
        return self.parameters(count) / self.training_samples

    def independent(self, kind: str) -> int:
        """Independent answers in a replicate, of all models whose mean is taken.

        The samples of a view differ by their noise alone: one model answers as if there were three
        tenths of them; that of one neuron, whose features share their gates, as if a quarter of
        these. And however many models, all are asked about one draw of the data: as if it allowed
        three hundred answers a view.
        """
        averaged = self.models if kind in ("one", "student", "self") else 1
        each = 0.3 * self.repeats * averaged * self.groups
        if self.features == "neural tangent":
            each /= 4
        return round(self.data.features / (1 / each + 1 / 300))

    def share_spread(self, count: int, kind: str) -> float:
        """Deviation of a share in one replicate, as the theory expects it."""
        share = self.expected(count, kind)
        return math.sqrt(share * (1 - share) / self.independent(kind))

    def gain_spread(self, count: int, kind: str) -> float:
        """Deviation of a gain in units of the ensemble's, in one replicate.

        That of the difference from the ensemble; a student has the features of the models that it
        is compared with, which leaves at most half of what one model varies by. The models of one
        neuron vary by as much as a third of what their ensemble gains.
        """
        if self.features == "neural tangent":
            return 1 / (3 * math.sqrt(self.models * self.groups))
        gain = self.expected(count, "ensemble") - self.expected(count, "one")
        if kind == "student":
            return 0.25 / math.sqrt(self.independent("one")) / gain
        return math.hypot(*(self.share_spread(count, name) for name in (kind, "ensemble"))) / gain

    def expected(self, count: int, kind: str) -> float:
        """Share of view-only samples that the theory of random features expects to be right."""
        return _expected(self, count, kind)


@cache
def _problems(
    data: MultiViewData, training_samples: int
) -> tuple[tuple[FeatureRegression, NDArray[np.int64]], ...]:
    """The theory's own draws of the data: regressions, and the labels of what they are asked."""
    problems = []
    for rng in np.random.default_rng(0).spawn(PROBLEMS):
        training, asked = data.sample(training_samples, rng), data.view_only(REPEATS, rng)
        regression = FeatureRegression.of(
            arc_cosine_kernel(training.patches, training.patches),
            arc_cosine_kernel(asked.patches, training.patches),
            arc_cosine_diagonal(asked.patches),
            np.eye(data.classes)[training.labels] - 1 / data.classes,
        )
        problems.append((regression, asked.labels))
    return tuple(problems)


@cache
def _expected(setting: RandomFeatureSetting, count: int, kind: str) -> float:
    if setting.features != "random features":
        raise ValueError(f"features={setting.features!r} has no such theory: gradients of one "
                         "neuron share their gates; ask for random features")  # fmt: skip
    shares = []
    for regression, labels in _problems(setting.data, setting.training_samples):
        ridge = setting.ridge * regression.scale
        if kind == "student":
            regression = regression.student(count, ridge)
        features = count * setting.models if kind == "joint" else count
        models = setting.models if kind == "ensemble" else 1
        shares.append(regression.outputs(features, ridge, models).share_right(labels))
    return float(np.mean(shares))


def settings(preset: str) -> tuple[RandomFeatureSetting, ...]:
    """Random features with the ridge and without, and neural tangents with it.

    Features run from a twentieth of the samples to more than there are samples; with the ridge,
    to where one model misses nothing.
    """
    classes = {"smoke": 3, "quick": 5, "standard": 8, "full": 10}[preset]
    samples = 50 * classes
    data = MultiViewData(
        classes=classes, views=2, dimension=12 * classes, single_view_fraction=2 / 50
    )
    # So few at first that even an ensemble misses views.
    counts = (12, *(round(share * samples) for share in (0.08, 0.16, 0.3, 0.7, 0.9, 1.2)))
    more: dict[str, Any] = {"data": data, "training_samples": samples}
    if preset == "smoke":
        counts = (counts[1], counts[4])
        more |= {"models": 3, "test_samples": 60, "repeats": 10}
    return (
        RandomFeatureSetting(features="random features", counts=counts[:5], ridge=TUNED, **more),
        RandomFeatureSetting(features="random features", counts=counts, ridge=NONE, **more),
        # One neuron's gates are shared by as many features as there are dimensions: its models
        # differ more, and more of them are needed to know their mean.
        RandomFeatureSetting(features="neural tangent", counts=(1,), ridge=TUNED, groups=4, **more),
    )


def require(setting: RandomFeatureSetting) -> list[Expectation]:
    """One model of the fewest features must leave something to gain."""
    return [
        Expectation(
            "share of views missed", "one model", setting.label, 0.5, 0.1, None, 0.05,
        )
    ]  # fmt: skip


def check(measured: Measured) -> list[Sample]:
    return [Sample.of(1 - shares(measured, measured.setting.counts[0])["one"])]


def shares(measured: Measured, count: int) -> dict[str, Any]:
    """Share of view-only samples right in every replicate, by the kind of model."""
    table = measured.tables["models"]
    table = table[table["count"] == count]
    wide = table.pivot(index="replicate", columns="kind", values="view_only")
    return {kind: wide[kind].to_numpy() for kind in MEASURED if kind in wide}


def in_gains(measured: Measured, count: int, kind: str) -> Sample:
    """What models of a kind gain on one model, in units of what the ensemble gains on it."""
    return of_shares(shares(measured, count), kind, f"count={count}")
