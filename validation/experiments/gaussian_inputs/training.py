"""Trains and measures the networks of `GaussianSetting`: the part of the experiment with torch."""

import numpy as np
import torch
from numpy.typing import NDArray

from validation.experiments.gaussian_inputs.setting import FUNCTIONS, SAMPLINGS, GaussianSetting
from validation.experiments.streams import Streams
from validation.training.mlp import Perceptrons, batches
from validation.training.mlp_training import Teaching, train
from validation.trial.claim import Tables

EXPERIMENT = 7
"""Begins the keys of this experiment's random numbers."""
DATA, WEIGHTS, ORDER, PUPILS, PUPILS_ORDER = range(5)
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
    and what this gains, and if there are students what these do in the mean. All networks of a
    learner are trained as one batch, whatever their problem; learners see the same data, those of
    fewer samples the first of them.
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

        def seeds(
            purpose: int, each: int = each, key: tuple[int, ...] = key
        ) -> list[np.random.SeedSequence]:
            return [one for own in streams for one in own.sequences(each, purpose, *key)]

        inputs = np.concatenate([training.inputs[:count] for training, _ in drawn])
        labels = np.concatenate([training.labels[:count] for training, _ in drawn])
        widths = (dimension, *learner.hidden, classes)
        targets = np.eye(classes, dtype=np.float32)[labels]

        def trained(
            starts: list[np.random.SeedSequence],
            orders: list[np.random.SeedSequence],
            told: torch.Tensor | None = None,
            widths: tuple[int, ...] = widths,
            count: int = count,
            inputs: NDArray = inputs,
            targets: NDArray = targets,
        ) -> Perceptrons:
            networks = Perceptrons.initial(starts, widths).to(device)
            order = batches(orders, count, setting.batch, setting.steps)
            # Every network sees the part of its own problem.
            own = np.repeat(np.arange(len(drawn)), len(starts) // len(drawn))
            teaching = told if told is None else Teaching(
                logits=told, temperature=torch.full((len(starts),), setting.temperature).to(told),
                soft_weight=torch.full((len(starts),), setting.soft_weight).to(told),
            )  # fmt: skip
            train(
                networks, torch.from_numpy(inputs).to(device), torch.from_numpy(targets).to(device),
                order + count * own[:, None], setting.optimizer, teaching,
            )  # fmt: skip
            return networks

        networks = trained(seeds(WEIGHTS), seeds(ORDER))
        students = None
        if setting.students:
            told = [
                networks.part(slice(n * each, (n + 1) * each))
                .logits(torch.from_numpy(training.inputs[:count]).to(device)).mean(0)
                for n, (training, _) in enumerate(drawn)
            ]  # fmt: skip
            starts, orders = (seeds(p, setting.students) for p in (PUPILS, PUPILS_ORDER))
            students = trained(starts, orders, torch.cat(told))
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
            if students is not None:
                part = slice(index * setting.students, (index + 1) * setting.students)
                outputs = students.part(part).logits(torch.from_numpy(test.inputs).to(device))
                right = (outputs.cpu().numpy().argmax(2) == test.labels).mean()
                rows[-1] |= {"student": float(right), "student_gain": float(right) - one}
    return {"gains": rows}
