"""Trains and measures the networks of `LotterySetting`: the part of the experiment with torch."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mvtheory.race import predict_winner
from validation.data import MULTI_VIEW, MultiViewData
from validation.experiments.lottery.setting import LotterySetting
from validation.experiments.streams import Streams
from validation.training import measure as measures
from validation.training.networks import initial_weights
from validation.training.patches import train
from validation.trial.claim import Tables

TRAINING, TEST, VIEW_ONLY, WEIGHTS, COMMON = range(5)
"""Purposes of random numbers; each has its own stream."""
CURVE_POINTS = 50


def measure(
    setting: LotterySetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Train the networks of one replicate and measure them.

    Returns tables `networks` (a row a network), `ensembles` (a row a size), `data`, `kernel` (one
    row: alignments of gradient kernels), if steps are watched `race` (strengths of every network at
    these steps) and with a decoy `votes` (a row a size, without and with it) and `pairs`; if kept,
    `curves` (the same at about 50 steps) and `weights` (before and after).
    """
    draw = Draw(setting, seed, replicate)
    data, vectors = setting.data, setting.data.vectors
    weights = torch.from_numpy(draw.initial.copy()).to(device)
    curves: list[dict[str, Any]] = []
    every = max(1, setting.steps // CURVE_POINTS)
    wanted = set(setting.watched)
    if "curves" in keep:
        wanted |= {*range(0, setting.steps, every), setting.steps}

    def watch(part: slice, step: int, now: torch.Tensor) -> None:
        if step not in wanted:
            return
        strengths = measures.strengths(now.cpu().numpy(), vectors)
        curves.extend(
            {"network": n, "step": step, "strength": strength.tolist()}
            for n, strength in zip(range(part.start, part.stop), strengths, strict=True)
        )

    train(
        weights,
        torch.from_numpy(draw.samples.patches).to(device),
        torch.from_numpy(draw.samples.labels).to(device),
        setting.power,
        setting.schedule,
        compiled=compiled,
        watch=watch if wanted else None,
    )

    tables = tested(draw, weights)
    if setting.decoy:
        on_views = measures.outputs(weights, draw.view_only, setting.power)
        decoyed = data.with_decoys(setting.decoy)
        on_decoys = measures.outputs(weights, decoyed, setting.power)
        tables |= {"votes": [], "pairs": []}
        for decoy, outputs, labels in (
            (0.0, on_views, draw.view_only.labels),
            (setting.decoy, on_decoys, decoyed.labels),
        ):
            votes, pairs = _votes([outputs[part] for part in draw.families], labels, setting)
            tables["votes"] += [{"decoy": decoy, **row} for row in votes]
            tables["pairs"].append({"decoy": decoy, **pairs})
    curves.sort(key=lambda row: (row["network"], row["step"]))
    if setting.watched:
        tables["race"] = [row for row in curves if row["step"] in setting.watched]
    if "curves" in keep:
        ends = (0, setting.steps)
        tables["curves"] = [r for r in curves if r["step"] % every == 0 or r["step"] in ends]
    if "weights" in keep:
        tables["weights"] = [
            {"network": n, "initial": draw.initial[n].tolist(), "trained": weights[n].tolist()}
            for n in range(setting.networks)
        ]
    return tables


class Draw:
    """What a replicate draws before training: samples, the starts of its networks, and tests.

    `asked` are the data of the tests, by default those of training.
    """

    def __init__(
        self, setting: LotterySetting, seed: int, replicate: int, asked: MultiViewData | None = None
    ) -> None:
        data = setting.data
        self.setting, asked = setting, asked or data
        self.streams = streams = Streams(seed, (data.classes, data.views, replicate))
        self.samples = data.sample(setting.training_samples, streams.rng(TRAINING))
        self.seeds = streams.sequences(setting.networks, WEIGHTS)
        shape = (data.classes, setting.neurons, data.dimension)
        self.initial = initial_weights(self.seeds, shape, setting.deviation)
        if setting.shared:
            own = streams.sequences(setting.families, COMMON)
            common = initial_weights(own, shape, setting.deviation).repeat(setting.family, axis=0)
            self.initial = (
                np.float32(setting.shared**0.5) * common
                + np.float32((1 - setting.shared) ** 0.5) * self.initial
            )
        self.test = asked.sample(setting.test_samples, streams.rng(TEST))
        self.view_only = asked.view_only(setting.repeats, streams.rng(VIEW_ONLY))

    @property
    def families(self) -> list[slice]:
        family = self.setting.family
        return [slice(n, n + family) for n in range(0, self.setting.networks, family)]


def tested(draw: Draw, weights: torch.Tensor) -> Tables:
    """Tables `networks`, `ensembles` and `data` of trained weights."""
    setting, data = draw.setting, draw.setting.data
    samples, test, view_only, vectors = draw.samples, draw.test, draw.view_only, data.vectors
    on_views = measures.outputs(weights, view_only, setting.power)
    shares = measures.right_share(
        measures.is_right(on_views, view_only.labels), data.classes, data.views
    )
    on_training = measures.outputs(weights, samples, setting.power)
    fitted = measures.is_right(on_training, samples.labels)
    on_test = measures.outputs(weights, test, setting.power)
    passed = measures.is_right(on_test, test.labels)
    multi = test.shown == MULTI_VIEW
    before = measures.strengths(draw.initial, vectors)
    trained = weights.cpu().numpy()
    after = measures.strengths(trained, vectors)
    winners = predict_winner(
        draw.initial, vectors, samples.drives(data.classes, setting.power), setting.power
    )
    predicted = np.asarray(winners)
    learned = after.argmax(-1)
    networks: list[dict[str, Any]] = [
        {
            "network": n,
            "spawn_key": list(map(int, draw.seeds[n].spawn_key)),
            "training_accuracy": float(fitted[n].mean()),
            "test_error": float(1 - passed[n].mean()),
            "multi_view_test_error": float(1 - passed[n][multi].mean()),
            "single_view_test_error": float(1 - passed[n][~multi].mean()),
            "coverage": float(measures.coverage(shares[n])),
            "coverage_all_right": float((shares[n] == 1).mean()),
            "coverage_by_weights": float((after[n] > 1).mean()),
            "winner_right": float((predicted[n] == learned[n]).mean()),
            "predicted_winner": predicted[n].tolist(),
            "learned_winner": learned[n].tolist(),
            "initial_strength": before[n].tolist(),
            "strength": after[n].tolist(),
            "view_only_accuracy": shares[n].tolist(),
        }
        for n in range(setting.networks)
    ]
    ensembles: list[dict[str, Any]] = [
        {
            "size": size,
            "coverage": _mean(
                measures.ensemble_coverage(
                    on_views[part], view_only.labels, size, data.classes, data.views
                )
                for part in draw.families
            ),
            "test_error": _mean(
                measures.ensemble_error(on_test[part], test.labels, size) for part in draw.families
            ),
        }
        for size in setting.ensemble_sizes
    ]
    if setting.in_full:
        totals = measures.total_strengths(trained, vectors)
        for row, total in zip(networks, totals, strict=True):
            row["total_strength"] = total.tolist()
        for row in ensembles:
            row["sure"] = _mean(
                measures.sure_share(on_training[part], samples.labels, row["size"])
                for part in draw.families
            )
            row["multi_view_test_error"] = _mean(
                measures.ensemble_error(on_test[part][:, multi], test.labels[multi], row["size"])
                for part in draw.families
            )
    overlap = measures.view_overlap(samples, data.classes, data.views)
    return {
        "networks": networks,
        "ensembles": ensembles,
        "data": [{"view_overlap": overlap}],
        "kernel": [_alignments(draw.initial, trained, vectors, setting.power)],
    }


def _alignments(
    initial: NDArray[np.float32],
    trained: NDArray[np.float32],
    vectors: NDArray[np.float32],
    power: int,
) -> dict[str, float]:
    """Cosines of gradient kernels on samples that show one view, in the mean over networks.

    Features are orthonormal, so that the kernels are diagonal.
    """

    def kernels(weights: NDArray[np.float32]) -> NDArray[np.float64]:
        responses = np.einsum("ncrd,kld->ncrkl", weights, vectors, dtype=np.float64)
        slopes = responses.clip(0, 1) ** (power - 1)
        diagonal = (slopes**2).sum(axis=(1, 2)).reshape(len(weights), -1)
        length = np.sqrt((diagonal**2).sum(axis=1, keepdims=True))
        return np.asarray(diagonal / np.maximum(length, np.finfo(float).tiny))

    before, after = kernels(initial), kernels(trained)
    pairs = np.triu_indices(len(before), 1)
    return {
        "two_before": float((before @ before.T)[pairs].mean()),
        "before_after": float((before * after).sum(axis=1).mean()),
        "two_after": float((after @ after.T)[pairs].mean()),
    }


def _votes(
    families: list[NDArray[np.float32]], labels: NDArray[np.int64], setting: LotterySetting
) -> tuple[list[dict[str, float]], dict[str, float]]:
    """Shares right by votes and by averages, a row a size; disagreement and error of two."""
    answers = [outputs.argmax(-1) for outputs in families]
    votes = [
        {
            "size": size,
            "vote": _mean(measures.vote_share(own, labels, size) for own in answers),
            "average": 1 - _mean(measures.ensemble_error(own, labels, size) for own in families),
        }
        for size in setting.ensemble_sizes
    ]
    pairs = {
        "disagreement": _mean(measures.disagreement(own) for own in answers),
        "error": _mean(measures.ensemble_error(own, labels, 1) for own in families),
    }
    return votes, pairs


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))
