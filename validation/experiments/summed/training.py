"""Trains and measures the networks of `SummedSetting`: the part of the experiment with torch."""

import numpy as np
import torch

from validation.experiments.streams import Streams
from validation.experiments.summed.setting import SummedSetting
from validation.training import measure as measures
from validation.training.mlp import Perceptrons, batches
from validation.training.mlp_training import train
from validation.training.optimizer import Optimizer
from validation.trial.claim import Tables

TRAINING, VIEW_ONLY, WEIGHTS, BATCHES = range(4)
"""Purposes of random numbers; each has its own stream."""


def measure(
    setting: SummedSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Train the networks of one replicate; returns the table `networks`, a row a network."""
    key = (setting.classes, setting.views, round(1000 * setting.presence), replicate)
    streams = Streams(seed, key)
    inputs, labels = setting.sample(streams.rng(TRAINING))
    shown, asked = setting.view_only(streams.rng(VIEW_ONLY))
    widths = (setting.dimension, setting.hidden, setting.classes)
    networks = Perceptrons.initial(streams.sequences(setting.networks, WEIGHTS), widths).to(device)
    for tensor in networks.weights + networks.biases:
        tensor.mul_(setting.scale)
    seeds = streams.sequences(setting.networks, BATCHES)
    order = batches(seeds, setting.training_samples, setting.batch, setting.steps)
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
