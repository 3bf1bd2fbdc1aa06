"""Students distilled by divergences between the forward and the reverse one, in plain PyTorch.

The loss of a setting (T, a_H, beta) is that of `Anchor`, a_H CE + (1 - a_H) T^2 D(beta), divided by
a_H + (1 - a_H) T; D is jsd(beta)/(beta (1 - beta)), at its ends the forward and the reverse
divergence. All settings of a seed start from the same weights and see the same batches.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import distillation_real as real
import distillation_synthetic as synthetic
import numpy as np
import torch
from distillation_students import Problem, adam, sgd
from numpy.typing import NDArray
from torch import Tensor

from validation.threads import one_thread
from validation.training.mlp import Perceptrons, batches
from validation.training.optimizer import Optimizer

Setting = tuple[float, float, float]
"""T, a_H and beta."""
TEMPERATURES, HARD_WEIGHTS = (1.0, 2.0, 4.0, 8.0), (0.0, 0.1, 0.5)
BETAS = (0.0, 0.1, 0.5, 0.9, 1.0)
GRID = [(t, a, b) for b in BETAS for t in TEMPERATURES for a in HARD_WEIGHTS]
HARD = (1.0, 1.0, 0.0)
SETTINGS = [*GRID, HARD]
"""The last is hard labels alone."""
SEEDS = 2


@dataclass(frozen=True, kw_only=True)
class Students:
    """Logits by (seed, setting), float32, on the training samples and then on the test samples."""

    name: str
    labels: NDArray[np.int64]
    teacher: NDArray[np.float32]
    logits: NDArray[np.float32]
    samples: int
    """Of the training samples."""

    @classmethod
    def read(cls, path: Path) -> Self:
        with np.load(path) as kept:
            fields = {name: kept[name] for name in ("labels", "teacher", "logits")}
            return cls(name=str(kept["name"]), samples=int(kept["samples"]), **fields)


def divergence(own: Tensor, other: Tensor, beta: float) -> Tensor:
    """D(beta) of rows of logarithms of probabilities, the student's and the teacher's."""
    if beta == 0:
        return (other.exp() * (other - own)).sum(dim=-1)
    if beta == 1:
        return (own.exp() * (own - other)).sum(dim=-1)
    logs = torch.tensor([beta, 1 - beta]).log()
    mixed = torch.logaddexp(logs[0] + other, logs[1] + own)
    parts = beta * other.exp() * (other - mixed) + (1 - beta) * own.exp() * (own - mixed)
    return parts.sum(dim=-1) / (beta * (1 - beta))


def losses(logits: Tensor, teacher: Tensor, labels: Tensor, settings: list[Setting]) -> Tensor:
    """Mean loss of every network, of logits (networks, samples, classes)."""
    t, a, _ = torch.tensor(settings).T
    scale = a + (1 - a) * t
    own = torch.log_softmax(logits, dim=2)
    hard = -own[:, torch.arange(len(labels)), labels].mean(dim=1)
    soft = []
    for beta in dict.fromkeys(setting[2] for setting in settings):
        chosen = [n for n, setting in enumerate(settings) if setting[2] == beta]
        warm = t[chosen][:, None, None]
        told = torch.log_softmax(teacher / warm, dim=2)
        soft.append(divergence(torch.log_softmax(logits[chosen] / warm, dim=2), told, beta).mean(1))
    return (a * hard + (1 - a) * t**2 * torch.cat(soft)) / scale


def descent(optimizer: Optimizer, parameters: list[Tensor]) -> torch.optim.Optimizer:
    if optimizer.method == "adam":
        return torch.optim.Adam(parameters, lr=optimizer.rate)
    return torch.optim.SGD(parameters, lr=optimizer.rate, momentum=optimizer.momentum)


def train(problem: Problem, seed: int) -> NDArray[np.float32]:
    """Logits of the students of SETTINGS, which are in the order of their betas."""
    ordered = sorted(SETTINGS, key=lambda setting: setting[2])
    start, order = (np.random.SeedSequence(2, spawn_key=(seed, n)) for n in range(2))
    x, asked = map(torch.from_numpy, (problem.training.inputs, problem.test.inputs))
    y, teacher = torch.from_numpy(problem.training.labels), torch.from_numpy(problem.teacher[0])
    widths = (x.shape[1], problem.hidden, teacher.shape[1])
    first = Perceptrons.initial([start] * len(ordered), widths)
    (w, v), (b, c) = first.weights, first.biases
    parameters = [p.clone().requires_grad_() for p in (w, v, b, c)]

    def outputs(inputs: Tensor) -> Tensor:
        w, v, b, c = parameters
        return torch.baddbmm(c, torch.relu(torch.matmul(inputs, w) + b), v)

    method = descent(problem.optimizer, parameters)
    taken = batches([order], len(y), min(problem.batch, len(y)), problem.steps)[:, 0]
    for number, rows in enumerate(taken):
        method.param_groups[0]["lr"] = problem.optimizer.at(number, problem.steps)
        method.zero_grad()
        losses(outputs(x[rows]), teacher[rows], y[rows], ordered).sum().backward()
        method.step()
    with torch.inference_mode():
        found = torch.cat([outputs(x), outputs(asked)], dim=1).numpy()
    return found[[ordered.index(setting) for setting in SETTINGS]]


@dataclass(frozen=True)
class Planned:
    """A problem by name, made when it is wanted."""

    name: str
    make: Callable[[], Problem]

    def keep(self, folder: Path) -> Path:
        """The file of its students, trained unless they were."""
        path = folder / (self.name.replace(" ", "-") + ".npz")
        if not path.exists():
            with one_thread():
                problem = self.make()
                # Copies of samples have no part here, nor the scale of a loss.
                problem = replace(problem, printed=False, shown=None)
                logits = np.stack([train(problem, seed) for seed in range(SEEDS)])
            np.savez(
                path, name=self.name, samples=len(problem.training.labels), logits=logits,
                labels=np.concatenate([problem.training.labels, problem.test.labels]),
                teacher=np.concatenate(problem.teacher),
            )  # fmt: skip
        return path


def planned(one) -> Planned:  # type: ignore[no-untyped-def]
    return Planned(one.name, one.make)


DEVELOPMENT = [
    *(planned(synthetic.random_problem(number)) for number in range(300, 308)),
    *(planned(synthetic.of_kind(kind, number)) for kind, number in (
        ("weak teacher", 310), ("weak teacher", 311), ("label noise", 300), ("text", 370),
        ("same data", 360), ("early", 330), ("imbalanced", 380))),
]  # fmt: skip


def aside(data: Path | None) -> list[Planned]:
    """Fixed before any of them was trained; without a folder of real data, fewer."""
    found = [planned(synthetic.digits(name, method)) for name, method in
             (("Adam", adam()), ("SGD", sgd()))]  # fmt: skip
    found += [planned(synthetic.random_problem(number)) for number in range(320, 324)]
    kinds = [("weak teacher", 314), ("label noise", 304), ("text", 374), ("same data", 364)]
    found += [planned(synthetic.of_kind(kind, number)) for kind, number in kinds]
    if data:
        found += [
            planned(real.fashion(data, 80, real.Plan(1000, 8000, adam(0.001), 64, 1200, wide=256))),
            planned(real.fashion(data, 81, real.Plan(800, 800, sgd(0.02), 48, 1000, members=1))),
        ]
    return found
