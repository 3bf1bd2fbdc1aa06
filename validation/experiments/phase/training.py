"""Trains and measures the networks of `PhaseSetting`: the part of the experiment with torch."""

import torch

from validation.data import MULTI_VIEW
from validation.experiments.phase.setting import PhaseSetting
from validation.experiments.streams import Streams
from validation.training import measure as measures
from validation.training.networks import initial_weights
from validation.training.patches import train
from validation.trial.claim import Tables

TRAINING, VIEW_ONLY, WEIGHTS = range(3)
"""Purposes of random numbers; each has its own stream."""


def measure(
    setting: PhaseSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Train the networks of one replicate; returns the table `networks`, a row a network."""
    data = setting.data
    place = (setting.power, round(1e6 * setting.deviation), setting.single_views)
    point = (*place, setting.steps * setting.stopped)
    streams = Streams(seed, (data.classes, *point, replicate))
    samples = data.sample(setting.training_samples, streams.rng(TRAINING))
    seeds = streams.sequences(setting.networks, WEIGHTS)
    shape = (data.classes, setting.neurons, data.dimension)
    initial = initial_weights(seeds, shape, setting.deviation)
    weights = torch.from_numpy(initial.copy()).to(device)
    patches = torch.from_numpy(samples.patches).to(device)
    labels = torch.from_numpy(samples.labels).to(device)
    train(weights, patches, labels, setting.power, setting.schedule, compiled=compiled)

    view_only = data.view_only(setting.repeats, streams.rng(VIEW_ONLY))
    right = measures.right(weights, view_only, setting.power)
    coverage = measures.coverage(measures.right_share(right, data.classes, data.views))
    fitted = measures.right(weights, samples, setting.power)
    multi = samples.shown == MULTI_VIEW
    before = measures.strengths(initial, data.vectors)
    after = measures.strengths(weights.cpu().numpy(), data.vectors)
    return {
        "networks": [
            {
                "network": n,
                "training_accuracy": float(fitted[n].mean()),
                "multi_view_training_accuracy": float(fitted[n][multi].mean()),
                "coverage": float(coverage[n]),
                "coverage_by_weights": float((after[n] > 1).mean()),
                "initial_strength": before[n].tolist(),
                "strength": after[n].tolist(),
            }
            for n in range(setting.networks)
        ]
    }
