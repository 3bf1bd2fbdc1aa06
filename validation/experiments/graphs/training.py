"""Trains and measures the networks of `GraphSetting`: the part of the experiment with torch.

After message passing, which has no weights, the nodes of a graph are the patches of a sample.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from mvtheory.race import win_probabilities
from validation.experiments.graphs.setting import GraphSetting
from validation.experiments.streams import Streams
from validation.training import measure as measures
from validation.training.networks import initial_weights, logits
from validation.training.patches import train
from validation.training.schedule import Schedule
from validation.trial.claim import Tables

EXPERIMENT = 28
"""Begins the keys of this experiment's random numbers."""
TRAINING, TEST, WEIGHTS = range(3)
"""Purposes of random numbers; each has its own stream."""


def measure(
    setting: GraphSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Tables `networks` (a row a network) and `ensembles` (a row a size).

    `first` is the share of the classes in which the first view ends as the strongest, of those that
    learned a view; `foretold` the share in which it starts ahead, on these very graphs, and `odds`
    the mean of that over starts.
    """
    joined = (round(1000 * chance) for chance in setting.within)
    streams = Streams(seed, (EXPERIMENT, setting.classes, *joined, replicate))
    told, labels = setting.training(streams.rng(TRAINING))
    asked, wanted = setting.view_only(streams.rng(TEST))
    graphs, tests = (torch.from_numpy(part.astype(np.float32)).to(device) for part in (told, asked))
    features = setting.classes * setting.views
    seeds = streams.sequences(setting.networks, WEIGHTS)
    shape = (setting.classes, setting.neurons, features)
    weights = torch.from_numpy(initial_weights(seeds, shape, setting.deviation)).to(device)
    vectors = np.eye(features, dtype=np.float32).reshape(setting.classes, setting.views, features)
    drives = shown(setting, told, labels)
    begun = measures.strengths(weights.cpu().numpy(), vectors)
    ahead = shares_of_first(begun * drives ** (1 / (setting.power - 2)), begun.max(axis=2) > 0)
    odds = win_probabilities(drives, setting.power, setting.neurons)
    schedule = Schedule(setting.steps, setting.rate, setting.steps, setting.rate)
    truth = torch.from_numpy(labels).to(device)
    train(weights, graphs, truth, setting.power, schedule, compiled=compiled)

    fitted = logits(weights, graphs, setting.power).cpu().numpy()
    answers = logits(weights, tests, setting.power).cpu().numpy()
    right = measures.is_right(answers, wanted)
    strengths = measures.strengths(weights.cpu().numpy(), vectors)
    first = shares_of_first(strengths, strengths.max(axis=2) * setting.strength[0] > 1)
    return {
        "networks": [
            {
                "network": n,
                "training_accuracy": float((fitted[n].argmax(axis=1) == labels).mean()),
                "coverage": float(right[n].mean()),
                "first": float(first[n]),
                "foretold": float(ahead[n]),
                "odds": float((odds[:, 0] / odds.sum(axis=1)).mean()),
            }
            for n in range(setting.networks)
        ],
        "ensembles": [
            {"size": size, "coverage": 1 - measures.ensemble_error(answers, wanted, size)}
            for size in setting.sizes
        ],
    }


def shown(
    setting: GraphSetting, graphs: NDArray[np.float64], labels: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Strength of each view in these graphs of its class, shape (classes, views)."""
    powers = (graphs**setting.power).sum(axis=1).reshape(-1, setting.classes, setting.views)
    return np.stack([powers[labels == k, k].mean(axis=0) for k in range(setting.classes)])


def shares_of_first(
    strengths: NDArray[np.float64], counted: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """In what share of the classes that count the first view is the strongest, by network.

    `strengths` has shape (networks, classes, views), `counted` (networks, classes).
    """
    first = (strengths.argmax(axis=2) == 0) & counted
    return np.asarray(first.sum(axis=1) / np.maximum(counted.sum(axis=1), 1))
