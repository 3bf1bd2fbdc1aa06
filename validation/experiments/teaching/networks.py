"""The networks of one replicate: the classroom in which they are taught, tested and recorded."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mvtheory.race import predict_winner, win_probabilities
from validation.experiments.streams import Streams
from validation.experiments.teaching.setting import TeachingSetting
from validation.training import measure as measures
from validation.training.losses import Loss
from validation.training.networks import initial_weights
from validation.training.patches import Watch, train
from validation.training.schedule import Schedule
from validation.training.teaching import Teaching, Truncated

TRAINING, TEST, VIEW_ONLY, TEACHERS, PUPILS = range(5)
"""Purposes of random numbers; each has its own stream."""


def odds(drives: NDArray[np.float64], power: int, neurons: int) -> NDArray[np.float64]:
    """Probability over initial weights that a view is foreseen to win, shape (classes, views)."""
    chances = win_probabilities(drives, power, neurons)
    # Of a class all of whose responses are negative the first view is named.
    chances[:, 0] += 1 - chances.sum(axis=1)
    return chances


class Classroom:
    """The data of one replicate, and what is done with networks on it."""

    def __init__(self, setting: TeachingSetting, seed: int, replicate: int, device: str) -> None:
        self.setting, self.device = setting, device
        data = setting.data
        self.streams = Streams(seed, (data.classes, data.views, replicate))
        self.samples = data.sample(setting.training_samples, self.streams.rng(TRAINING))
        self.patches = torch.from_numpy(self.samples.patches).to(device)
        self.labels = torch.from_numpy(self.samples.labels).to(device)
        noisy = replace(data, background_noise=setting.test_noise, single_view_fraction=1.0)
        self.view_only = noisy.view_only(setting.repeats, self.streams.rng(VIEW_ONLY))
        self.test = noisy.sample(setting.test_samples, self.streams.rng(TEST))
        self.drives = self.samples.drives(data.classes, setting.power)
        self.odds = odds(self.drives, setting.power, setting.neurons)
        self.wins: list[NDArray[np.int64]] = []
        self.networks: list[dict[str, Any]] = []
        self.ensembles: list[dict[str, Any]] = []
        self.course: list[dict[str, Any]] = []

    def beginners(self, purpose: int, count: int) -> tuple[Tensor, list[int]]:
        """Untrained networks, each with a seed of its own, and the numbers they are known by."""
        setting = self.setting
        seeds = self.streams.sequences(count, purpose)
        shape = (setting.data.classes, setting.neurons, setting.data.dimension)
        weights = torch.from_numpy(initial_weights(seeds, shape, setting.deviation))
        return weights.to(self.device), self.enrol(weights)

    def enrol(self, weights: Tensor) -> list[int]:
        """Note which views untrained networks will win."""
        vectors, power = self.setting.data.vectors, self.setting.power
        winners = predict_winner(weights.cpu().numpy(), vectors, self.drives, power)
        self.wins += list(np.asarray(winners))
        return list(range(len(self.wins) - len(weights), len(self.wins)))

    def learn(
        self, weights: Tensor, told: Tensor | None = None, watch: Watch | None = None
    ) -> None:
        """Train in place: from labels alone, or from them and the outputs of teachers."""
        setting = self.setting
        if told is None:
            self.train(weights, setting.alone)
        else:
            teaching = Truncated(outputs=told, cap=setting.cap, weight=setting.weight)
            self.train(weights, setting.taught, teaching, watch=watch)

    def train(
        self,
        weights: Tensor,
        schedule: Schedule,
        teaching: Teaching | None = None,
        patches: Tensor | None = None,
        watch: Watch | None = None,
        loss: Loss | None = None,
    ) -> None:
        """Train in place; on these patches in place of the training samples' where given."""
        inputs, power = self.patches if patches is None else patches, self.setting.power
        train(
            weights, inputs, self.labels, power, schedule, watch=watch, teaching=teaching, loss=loss
        )

    def ask(self, part: slice, step: int, weights: Tensor) -> None:
        """Note how networks stand at a step of their teaching, if it is one of those watched."""
        if step not in self.setting.watched:
            return
        power = self.setting.power
        training, test = (
            measures.right(weights, samples, power) for samples in (self.samples, self.test)
        )
        self.course += [
            {
                "network": number,
                "step": step,
                "training_accuracy": float(of_training.mean()),
                "single_view_error": float(1 - of_test.mean()),
            }
            for number, of_training, of_test in zip(
                range(part.start, part.stop), training, test, strict=True
            )
        ]

    def showing(self, view: int) -> Tensor:
        """The training samples with one view of the label; of the others their noise is left."""
        shown = self.samples.patches.copy()
        for other in set(range(self.setting.data.views)) - {view}:
            feature = self.setting.data.vectors[self.samples.labels, other]
            shown[:, other] -= self.samples.coefficients[:, other, None] * feature
        return torch.from_numpy(shown).to(self.device)

    def outputs(self, weights: Tensor) -> Tensor:
        """Outputs on the training samples, shape (networks, classes, samples)."""
        answers = measures.outputs(weights, self.samples, self.setting.power)
        return torch.from_numpy(answers).to(self.device).transpose(1, 2).contiguous()

    def record(self, role: str, weights: Tensor, behind: Sequence[set[int]]) -> None:
        """Measure networks, a row each; `behind` each are those whose wins it should know."""
        data, power = self.setting.data, self.setting.power
        strengths = measures.strengths(weights.cpu().numpy(), data.vectors)
        views, training, test = (
            measures.right(weights, samples, power)
            for samples in (self.view_only, self.samples, self.test)
        )
        shares = measures.right_share(views, data.classes, data.views)
        self.networks += [
            {
                "role": role,
                "network": number,
                "coverage": float(measures.coverage(shares[number])),
                "coverage_by_weights": float((strengths[number] > 1).mean()),
                "weakest_strength": float(strengths[number].min(axis=-1).mean()),
                "training_accuracy": float(training[number].mean()),
                "single_view_error": float(1 - test[number].mean()),
            }
            | self._foreseen([behind[number]])
            for number in range(len(weights))
        ]

    def record_ensembles(
        self, role: str, weights: Tensor, size: int, behind: Sequence[set[int]]
    ) -> None:
        """Measure all ensembles of `size` of the networks of a role."""
        data = self.setting.data
        answers = measures.outputs(weights, self.view_only, self.setting.power)
        coverage = measures.ensemble_coverage(
            answers, self.view_only.labels, size, data.classes, data.views
        )
        unions = [set().union(*members) for members in combinations(behind, size)]
        row = {"role": role, "size": size, "coverage": coverage}
        self.ensembles.append(row | self._foreseen(unions))

    def record_chains(
        self, role: str, generations: Sequence[Tensor], behind: Sequence[set[int]]
    ) -> None:
        """Measure the averages of chains of networks, one of each generation in a chain."""
        data, power, chains = self.setting.data, self.setting.power, len(behind)
        answers = [measures.outputs(own[:chains], self.view_only, power) for own in generations]
        right = measures.is_right(np.mean(answers, axis=0), self.view_only.labels)
        covered = measures.coverage(measures.right_share(right, data.classes, data.views))
        row = {"role": role, "size": len(generations), "coverage": float(covered.mean())}
        self.ensembles.append(row | self._foreseen(list(behind)))

    def _foreseen(self, unions: list[set[int]]) -> dict[str, float]:
        """Mean coverage of the wins of sets of networks, and its mean over initial weights."""
        views = np.arange(self.setting.data.views)
        known = [
            (np.stack([self.wins[name] for name in union])[..., None] == views).any(axis=0).mean()
            for union in unions
        ]
        # All networks see the same samples, which show one view a little more strongly.
        mean = [1 - ((1 - self.odds) ** len(union)).mean() for union in unions]
        return {"by_starts": float(np.mean(known)), "in_the_mean": float(np.mean(mean))}
