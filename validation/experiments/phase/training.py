"""Trains and measures the networks of `PhaseSetting`: the part of the experiment with torch."""

import numpy as np
import torch

from validation.experiments.phase.setting import PhaseSetting
from validation.training import measure as measures
from validation.training.networks import initial_weights
from validation.training.patches import train
from validation.trial.claim import Tables

TRAINING, VIEW_ONLY, WEIGHTS = range(3)
"""Purposes of random numbers; each has its own stream."""


def stream(setting: PhaseSetting, seed: int, *key: int) -> np.random.SeedSequence:
    """Seed of (replicate, purpose, network): the key holds what tells settings apart too."""
    place = (setting.power, round(1e6 * setting.deviation), setting.single_views)
    point = (*place, setting.steps * setting.stopped)
    return np.random.SeedSequence(seed, spawn_key=(setting.data.classes, *point, *key))


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

    def rng(purpose: int) -> np.random.Generator:
        return np.random.default_rng(stream(setting, seed, replicate, purpose))

    samples = data.sample(setting.training_samples, rng(TRAINING))
    seeds = [stream(setting, seed, replicate, WEIGHTS, n) for n in range(setting.networks)]
    shape = (data.classes, setting.neurons, data.dimension)
    initial = initial_weights(seeds, shape, setting.deviation)
    weights = torch.from_numpy(initial.copy()).to(device)
    patches = torch.from_numpy(samples.patches).to(device)
    labels = torch.from_numpy(samples.labels).to(device)
    train(weights, patches, labels, setting.power, setting.schedule, compiled=compiled)

    view_only = data.view_only(setting.repeats, rng(VIEW_ONLY))
    right = measures.is_right(measures.outputs(weights, view_only, setting.power), view_only.labels)
    coverage = measures.coverage(measures.right_share(right, data.classes, data.views))
    fitted = measures.is_right(measures.outputs(weights, samples, setting.power), samples.labels)
    multi = samples.shown < 0
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
