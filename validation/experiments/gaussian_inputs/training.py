"""Trains and measures the networks of `GaussianSetting`: the part of the experiment with torch."""

import numpy as np
import torch

from validation.experiments.gaussian_inputs.setting import FUNCTIONS, SAMPLINGS, GaussianSetting
from validation.experiments.streams import Streams
from validation.training.mlp import Perceptrons, batches
from validation.training.mlp_training import train
from validation.trial.claim import Tables

EXPERIMENT = 7
"""Begins the keys of this experiment's random numbers."""
DATA, WEIGHTS, ORDER = range(3)
"""Purposes of random numbers; each has its own stream."""


def measure(
    setting: GaussianSetting,
    seed: int,
    replicate: int,
    device: str,
    compiled: bool,
    keep: tuple[str, ...],
) -> Tables:
    """Table `gains`: a row for each learner and problem.

    With the mean training and test accuracy of its networks, the test accuracy of their average
    and what this gains. All networks of a learner are trained as one batch, whatever their problem;
    learners see the same data, those of fewer samples the first of them.
    """
    streams = [
        Streams(seed, (
            EXPERIMENT, problem.classes, FUNCTIONS.index(problem.function),
            problem.inputs != "Gaussian", SAMPLINGS.index(problem.sampling),
            round(1000 * problem.noise), replicate,
        ))
        for problem in setting.problems
    ]  # fmt: skip
    most = max(learner.samples for learner in setting.learners)
    drawn = [
        problem.draw(most, setting.test_samples, own.rng(DATA))
        for problem, own in zip(setting.problems, streams, strict=True)
    ]
    classes, dimension = setting.problems[0].classes, setting.problems[0].dimension
    each, rows = setting.networks_each, []
    for learner in setting.learners:
        count = learner.samples
        key = (*learner.hidden, count)

        def seeds(purpose: int, key: tuple[int, ...] = key) -> list[np.random.SeedSequence]:
            return [one for own in streams for one in own.sequences(each, purpose, *key)]

        inputs = np.concatenate([training.inputs[:count] for training, _ in drawn])
        labels = np.concatenate([training.labels[:count] for training, _ in drawn])
        networks = Perceptrons.initial(seeds(WEIGHTS), (dimension, *learner.hidden, classes))
        networks = networks.to(device)
        order = batches(seeds(ORDER), count, setting.batch, setting.steps)
        # Every network sees the part of its own problem.
        order = order + count * np.repeat(np.arange(len(drawn)), each)[:, None]
        targets = np.eye(classes, dtype=np.float32)[labels]
        train(
            networks, torch.from_numpy(inputs).to(device), torch.from_numpy(targets).to(device),
            order, setting.optimizer,
        )  # fmt: skip
        for index, (training, test) in enumerate(drawn):
            own = networks.part(slice(index * each, (index + 1) * each))
            fitted, tested = (
                own.logits(torch.from_numpy(part).to(device)).cpu().numpy()
                for part in (training.inputs[:count], test.inputs)
            )
            one = float((tested.argmax(2) == test.labels).mean())
            ensemble = float((tested.mean(0).argmax(1) == test.labels).mean())
            rows.append(
                {
                    "problem": index,
                    "hidden": list(learner.hidden),
                    "samples": count,
                    "training": float((fitted.argmax(2) == training.labels[:count]).mean()),
                    "one": one,
                    "ensemble": ensemble,
                    "gain": ensemble - one,
                }
            )
    return {"gains": rows}
