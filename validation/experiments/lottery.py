"""The experiment behind the first claims: patch networks on multi-view data.

`LotterySetting` holds every number of the experiment and what the theory expects of it before
training; `run` trains the networks and measures them. Claims share the trained networks.
"""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from scipy import special

from mvtheory import coverage as theory
from mvtheory.race import expected_coverage, predict_winner, upset_probability
from validation import measure
from validation.data import MULTI_VIEW, MultiViewData
from validation.networks import initial_weights
from validation.training import Schedule, train


@dataclass(frozen=True)
class LotterySetting:
    """`sets` independent data sets, `networks` networks on each.

    The regime: the ReLU's power makes views compete; the initial deviation is small, so that
    few races are tied; background noise lets a network memorise the single-view samples that
    it cannot explain, after its features have been learned.
    """

    data: MultiViewData
    training_samples: int
    sets: int
    networks: int = 10
    neurons: int = 6
    power: int = 4
    deviation: float = 0.015
    schedule: Schedule = field(default_factory=lambda: Schedule(700, 3.0, 200, 7.0))
    test_samples: int = 1000
    repeats: int = 8

    @property
    def label(self) -> str:
        return f"M = {self.data.views}, K = {self.data.classes}"

    def describe(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def network_steps(self) -> int:
        return self.sets * self.networks * self.schedule.steps

    def margin(self) -> float:
        """A fifth of what a second network adds to the coverage, (1 - 1/M) / (5 M)."""
        views = self.data.views
        return float(theory.ensemble(views=views, networks=2) - 1 / views) / 5

    def finite_size_coverage(self) -> float:
        """Coverage of one network at this initialisation, by the growth law."""
        return expected_coverage(
            self.data.views, self.neurons, self.power, self.deviation, self.late_growth()
        )

    def late_growth(self) -> float:
        """What a losing view still receives, integral of S dt, once the winner has taken off.

        Time is in units in which a view present in every sample of its class, at loss
        gradient 1, has S = E[z^q].

        1. From the multi-view samples, until their loss is gone. With only the winner
           learned, F = z^2 (moved by) gives dF/dt = E[z^2] (K-1) e^-F, so the winner ends at
           strength a with E[z] (a - (1 - 1/q)) = log(1 + (K-1) E[z^2] T), and the loser has
           received S (a - 1) / E[z] on the way.
        2. From the single-view samples that show the losing view, n_l of the n of a class at
           z = 1, until they are memorised: a neuron's response to a sample's noise grows by the
           same law with S = xi^q / n, from the median of the largest of the m B responses.
        """
        data, exponent = self.data, self.power - 2
        mean, square = data.mean_power(1), data.mean_power(2)
        time = self.schedule.time
        outgrown = math.log1p((data.classes - 1) * square * time)
        final = outgrown / mean + 1 - 1 / self.power
        multi = data.mean_power(self.power) * max(0.0, final - 1) / mean

        per_class = self.training_samples / data.classes
        shown = data.single_view_fraction * per_class / data.views
        candidates = self.neurons * data.backgrounds
        response = self.deviation * special.ndtri(0.5 ** (1 / candidates))
        memorised = (
            per_class / (exponent * response**exponent * data.background_noise**self.power)
            if response > 0
            else math.inf
        )
        return multi + shown / per_class * min(time, memorised)

    def race_spread(self) -> float:
        """Relative deviation of a strength by what the winner's law leaves out.

        Noise n = <w, xi> in a view's patches, of deviation `feature_noise` times the initial
        one, changes the mean of z (z Lambda + n)^(q-1) over the n samples of a class by the
        relative deviation (q-1) / Lambda sqrt(E[z^(2q-2)] / n) / E[z^q] times n's; Lambda is
        taken at the median of the winner's. A strength counts with the power 1 / (q-2).
        """
        data, power = self.data, self.power
        winner = special.ndtri(0.5 ** (1 / (self.neurons * data.views)))
        per_class = self.training_samples / data.classes
        relative = (power - 1) * data.feature_noise / winner
        relative *= math.sqrt(data.mean_power(2 * power - 2) / per_class)
        return relative / data.mean_power(power) / (power - 2)

    def upset(self) -> float:
        return upset_probability(self.data.views, self.neurons, self.race_spread())


def settings(preset: str) -> tuple[LotterySetting, ...]:
    """Settings of a preset: views, classes and data sets grow with it; smoke is for tests."""
    views, classes, sets = {
        "smoke": ((2,), 4, 2),
        "quick": ((2, 3), 10, 8),
        "standard": ((2, 3, 4), 10, 24),
        "full": ((2, 3, 4), 20, 64),
    }[preset]
    return tuple(
        LotterySetting(
            data=MultiViewData(
                classes=classes,
                views=count,
                dimension=classes * count + 18 * classes,
                # One single-view training sample for each (class, view).
                single_view_fraction=count / 50,
            ),
            training_samples=50 * classes,
            sets=sets,
        )
        for count in views
    )


@dataclass(frozen=True)
class Measured:
    """Every number measured on the networks of a setting."""

    setting: LotterySetting
    networks: list[dict[str, Any]]
    ensembles: list[dict[str, Any]]

    def by_set(self, quantity: str) -> list[float]:
        """Mean of a per-network number over each data set: independent replicates."""
        return [
            float(np.mean([n[quantity] for n in self.networks if n["set"] == index]))
            for index in range(self.setting.sets)
        ]

    @property
    def lotteries(self) -> int:
        """Independent lotteries at least: one for each class and data set."""
        return self.setting.sets * self.setting.data.classes


def run(
    setting: LotterySetting,
    seed: int,
    device: str,
    advance: Callable[[int], None] = lambda _: None,
) -> Measured:
    """Train the networks of a setting and measure them; `advance` hears of network steps."""
    data = setting.data

    def rng_seed(*key: int) -> np.random.SeedSequence:
        # The key holds what tells settings apart, so that no two share their randomness.
        return np.random.SeedSequence(seed, spawn_key=(data.classes, data.views, *key))

    def rng(index: int, purpose: int) -> np.random.Generator:
        return np.random.default_rng(rng_seed(index, purpose))

    training = [data.sample(setting.training_samples, rng(s, 0)) for s in range(setting.sets)]
    seeds = [
        [rng_seed(index, 3, network) for network in range(setting.networks)]
        for index in range(setting.sets)
    ]
    initial = initial_weights(
        seeds, data.classes, setting.neurons, data.dimension, setting.deviation
    )
    weights = torch.from_numpy(initial.copy()).to(device)
    train(
        weights,
        torch.from_numpy(np.stack([samples.patches for samples in training])).to(device),
        torch.from_numpy(np.stack([samples.labels for samples in training])).to(device),
        setting.power,
        setting.schedule,
        advance,
    )

    networks, ensembles = [], []
    for index, samples in enumerate(training):
        test = data.sample(setting.test_samples, rng(index, 1))
        view_only = data.view_only(setting.repeats, rng(index, 2))
        trained = weights[index]
        on_views = measure.outputs(trained, view_only, setting.power)
        shares = measure.right_share(
            measure.is_right(on_views, view_only.labels), data.classes, data.views
        )
        fitted = measure.is_right(measure.outputs(trained, samples, setting.power), samples.labels)
        tested = measure.is_right(measure.outputs(trained, test, setting.power), test.labels)
        multi = test.shown == MULTI_VIEW
        before = measure.strengths(initial[index], data.views)
        after = measure.strengths(trained.cpu().numpy(), data.views)
        features = np.eye(data.features, data.dimension).reshape(data.classes, data.views, -1)
        predicted = predict_winner(
            initial[index], features, samples.drives(data.classes, setting.power), setting.power
        )
        learned = after.argmax(-1)
        for n in range(setting.networks):
            networks.append(
                {
                    "set": index,
                    "network": n,
                    "seed": [seed, *map(int, seeds[index][n].spawn_key)],
                    "training_accuracy": float(fitted[n].mean()),
                    "test_error": float(1 - tested[n].mean()),
                    "multi_view_test_error": float(1 - tested[n][multi].mean()),
                    "single_view_test_error": float(1 - tested[n][~multi].mean()),
                    "coverage": float(measure.coverage(shares[n])),
                    "coverage_all_right": float((shares[n] == 1).mean()),
                    "coverage_by_weights": float((after[n] > 1).mean()),
                    "winner_right": float((predicted[n] == learned[n]).mean()),
                    "predicted_winner": predicted[n].tolist(),
                    "learned_winner": learned[n].tolist(),
                    "initial_strength": before[n].tolist(),
                    "strength": after[n].tolist(),
                    "view_only_accuracy": shares[n].tolist(),
                }
            )
        for size in range(1, setting.networks + 1):
            ensembles.append(
                {
                    "set": index,
                    "networks": size,
                    "ensembles": math.comb(setting.networks, size),
                    "coverage": measure.ensemble_coverage(
                        on_views, view_only.labels, size, data.classes, data.views
                    ),
                }
            )
    return Measured(setting, networks, ensembles)
