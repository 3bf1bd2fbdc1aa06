"""Trains and measures the networks of `BuiltSetting`: the part of the experiment with torch."""

import numpy as np
import torch
from numpy.typing import NDArray

from validation.experiments.built.setting import PENALTY, BuiltSetting
from validation.experiments.lottery.training import Draw, tested
from validation.training import measure as measures
from validation.training.losses import Correlated, CrossEntropy, Loss, Weighted
from validation.training.patches import train
from validation.training.schedule import Schedule
from validation.trial.claim import Tables

RESAMPLING = 30
"""Purpose of random numbers, beside those of the lottery."""
Weights = NDArray[np.float32]


def measure(
    setting: BuiltSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """The tables `networks`, `ensembles` and `data` of the lottery."""
    draw = Draw(setting, seed, replicate, setting.asked)
    draw.initial = starts(setting, draw.initial)
    weights = torch.from_numpy(draw.initial.copy()).to(device)
    built = Builder(setting, draw, weights, device)
    if setting.kind in PENALTY:
        built.together()
    elif setting.kind.startswith("boosted"):
        built.one_after_another()
    elif setting.kind.startswith("one view"):
        built.each_shown_its_own()
    elif setting.kind.endswith("resampled"):
        built.each_resampled()
    else:
        built.descend(slice(None))
    tables = tested(draw, weights)
    on_training = measures.outputs(weights, draw.samples, setting.power)
    errors = [
        measures.ensemble_error(on_training[part], draw.samples.labels, setting.family)
        for part in draw.families
    ]
    tables["ensembles"][-1]["training_accuracy"] = 1 - float(np.mean(errors))
    return tables


def starts(setting: BuiltSetting, drawn: Weights) -> Weights:
    """Initial weights of all networks, made of independent ones of the same shape."""
    data, members = setting.data, setting.family
    families = drawn.reshape(setting.families, members, *drawn.shape[1:]).copy()
    if setting.kind.startswith(("one start", "boosted", "starts passed on")):
        families[:] = families[:, :1]
    if setting.kind == "opposite starts":
        families[:, 1::2] = -families[:, ::2][:, : families[:, 1::2].shape[1]]
    if setting.kind == "orthogonal starts":
        # Of all neurons of a class in a family, with the length that they have on average.
        rows = families.transpose(0, 2, 1, 3, 4).reshape(
            -1, members * setting.neurons, data.dimension
        )
        basis, triangle = np.linalg.qr(rows.swapaxes(1, 2).astype(float))
        # Their signs are those of Gram and Schmidt: else they would favour some directions.
        basis *= np.sign(np.diagonal(triangle, axis1=1, axis2=2))[:, None]
        basis = basis.swapaxes(1, 2) * (setting.deviation * np.sqrt(data.dimension))
        shape = (setting.families, data.classes, members, setting.neurons, data.dimension)
        families = basis.reshape(shape).transpose(0, 2, 1, 3, 4).astype(np.float32)
    if setting.kind == "starts passed on":
        for label in range(data.classes):
            own = slice(label * data.views, (label + 1) * data.views)
            for member in range(members):
                moved = np.roll(families[:, member, label, :, own], member, axis=-1)
                families[:, member, label, :, own] = moved
    return np.ascontiguousarray(families.reshape(drawn.shape))


class Builder:
    """Trains the networks of a replicate in place."""

    def __init__(
        self, setting: BuiltSetting, draw: Draw, weights: torch.Tensor, device: str
    ) -> None:
        self.setting, self.draw, self.weights, self.device = setting, draw, weights, device
        self.patches = torch.from_numpy(draw.samples.patches).to(device)
        self.labels = torch.from_numpy(draw.samples.labels).to(device)

    def descend(
        self,
        chosen: slice,
        patches: torch.Tensor | None = None,
        loss: Loss | None = None,
        schedule: Schedule | None = None,
    ) -> None:
        """Train some of the networks."""
        networks = self.weights[chosen].contiguous()
        train(
            networks, self.patches if patches is None else patches, self.labels,
            self.setting.power, schedule or self.setting.schedule, loss=loss,
        )  # fmt: skip
        self.weights[chosen] = networks

    def members(self, number: int) -> slice:
        """The networks that are this member of their families."""
        return slice(number, None, self.setting.family)

    def together(self) -> None:
        """Members of a family as one network, their classes one after the other."""
        setting = self.setting
        families = self.weights.view(setting.families, -1, *self.weights.shape[2:])
        train(
            families, self.patches, self.labels, setting.power, setting.schedule,
            loss=Correlated(members=setting.family, penalty=PENALTY[setting.kind]),
            members=setting.family,
        )  # fmt: skip

    def each_shown_its_own(self) -> None:
        samples, data = self.draw.samples, self.setting.data
        for number, seen in enumerate(self.setting.shown()):
            shown = samples.patches.copy()
            for view in np.flatnonzero(np.array(seen) == 0):
                feature = data.vectors[samples.labels, view]
                shown[:, view] -= samples.coefficients[:, view, None].astype(np.float32) * feature
            self.descend(self.members(number), torch.from_numpy(shown).to(self.device))

    def each_resampled(self) -> None:
        """As many samples as there are, drawn with replacement, for each network."""
        count, rng = len(self.labels), self.draw.streams.rng(RESAMPLING)
        drawn = rng.multinomial(count, np.full(count, 1 / count), size=len(self.weights))
        self.descend(slice(None), loss=self._weighted(drawn))

    def one_after_another(self) -> None:
        """Each on the samples that the one before it got wrong."""
        setting, samples = self.setting, self.draw.samples
        self.descend(self.members(0))
        for number in range(1, setting.family):
            before = self.weights[self.members(number - 1)]
            wrong = ~measures.right(before, samples, setting.power)
            some = wrong.any(axis=1, keepdims=True)
            wrong |= ~some
            drawn = wrong * (wrong.shape[1] / wrong.sum(axis=1, keepdims=True))
            loss = self._weighted(drawn)
            self.descend(self.members(number), loss=loss, schedule=setting.second)

    def _weighted(self, drawn: NDArray) -> Loss:
        weights = torch.from_numpy(drawn.astype(np.float32)).to(self.device)
        return Weighted(loss=CrossEntropy(), weights=weights[:, None])
