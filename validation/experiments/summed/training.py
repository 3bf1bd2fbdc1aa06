"""Trains and measures the networks of `SummedSetting`: the part of the experiment with torch."""

import numpy as np
import torch

from validation.experiments.summed.setting import SummedSetting
from validation.training import measure as measures
from validation.training.mlp import Perceptrons, batches
from validation.training.mlp_training import train
from validation.training.optimizer import Optimizer
from validation.trial.claim import Tables

TRAINING, VIEW_ONLY, WEIGHTS, BATCHES = range(4)
"""Purposes of random numbers; each has its own stream."""


def stream(setting: SummedSetting, seed: int, *key: int) -> np.random.SeedSequence:
    """Seed of (replicate, purpose, network): the key holds what tells settings apart too."""
    own = (setting.classes, setting.views, round(1000 * setting.presence))
    return np.random.SeedSequence(seed, spawn_key=(*own, *key))


def measure(
    setting: SummedSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Train the networks of one replicate; returns the table `networks`, a row a network."""

    def rng(purpose: int) -> np.random.Generator:
        return np.random.default_rng(stream(setting, seed, replicate, purpose))

    def seeds(purpose: int) -> list[np.random.SeedSequence]:
        return [
            stream(setting, seed, replicate, purpose, network)
            for network in range(setting.networks)
        ]

    inputs, labels = setting.sample(rng(TRAINING))
    shown, asked = setting.view_only(rng(VIEW_ONLY))
    widths = (setting.dimension, setting.hidden, setting.classes)
    networks = Perceptrons.initial(seeds(WEIGHTS), widths).to(device)
    for tensor in networks.weights + networks.biases:
        tensor.mul_(setting.scale)
    order = batches(seeds(BATCHES), setting.training_samples, setting.batch, setting.steps)
    on_device = torch.from_numpy(inputs).to(device)
    targets = torch.eye(setting.classes, device=device)[torch.from_numpy(labels).to(device)]
    optimizer = Optimizer(method="sgd", rate=setting.rate)
    train(networks, on_device, targets, order, optimizer, compiled=compiled)

    def right(samples: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        logits = networks.logits(torch.from_numpy(samples).to(device))
        return measures.is_right(logits.cpu().numpy(), wanted)

    shares = measures.right_share(right(shown, asked), setting.classes, setting.views)
    coverage, fitted = measures.coverage(shares), right(inputs, labels)
    return {
        "networks": [
            {
                "network": n,
                "training_accuracy": float(fitted[n].mean()),
                "coverage": float(coverage[n]),
            }
            for n in range(setting.networks)
        ]
    }
