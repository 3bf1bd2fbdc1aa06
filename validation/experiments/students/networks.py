"""Trains a teacher, and many students of it at once: the part of distillation with torch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from mvtheory.arguments import SOFT_WEIGHT
from mvtheory.distillation.labels import check_labels
from mvtheory.distillation.outputs import TEMPERATURE, check_logits, check_rows
from mvtheory.rows import LazyRows
from validation.data import Labelled
from validation.training.mlp import Perceptrons, batches
from validation.training.mlp_training import Teaching, train
from validation.training.optimizer import Optimizer

WEIGHTS, ORDER = range(2)
"""Purposes of random numbers; each has its own stream."""


@dataclass(frozen=True, kw_only=True)
class Students:
    """What trained students put out.

    Attributes
    ----------
    training, test : float32 arrays, shape (seeds, conditions, samples, classes)
        Logits on the training and on the test inputs.
    """

    training: NDArray[np.float32]
    test: NDArray[np.float32]


def train_students(
    training: Labelled,
    test_inputs: ArrayLike,
    teacher_logits: ArrayLike,
    conditions: Sequence[tuple[float, float]],
    seeds: Sequence[np.random.SeedSequence],
    *,
    hidden: int,
    optimizer: Optimizer,
    steps: int,
    batch: int,
    device: str = "cpu",
) -> Students:
    """Train a student for every seed and condition, all as one batch.

    All conditions of a seed start from the same weights and see the same samples in the same
    order, so that their differences are paired. A student depends on its seed and condition
    alone, not on which others are trained.

    Parameters
    ----------
    training : Labelled
        Inputs, shape (samples, d), and labels, shape (samples,).
    test_inputs : array, shape (test samples, d)
    teacher_logits : array, shape (samples, classes)
        The teacher's, on the training inputs.
    conditions : sequence of (temperature, soft_weight)
        T > 0 and w in [0, 1] of each; at w = 0 the teacher is not heard, whatever T.
    seeds : sequence of SeedSequence
        A replicate each; they are not changed.
    hidden : int
        Width of the hidden layer.
    optimizer : Optimizer
    steps, batch : int
        Steps of training, and samples in a step.
    device : str
        Of torch.
    """
    _check(seeds, hidden=hidden, steps=steps)
    taught = check_logits("teacher_logits", teacher_logits)
    inputs, labels = _checked(training, taught.shape[1])
    if len(inputs) != len(taught):
        raise ValueError(f"teacher_logits has {len(taught)} rows for {len(inputs)} training "
                         "inputs; give the teacher's logits on these")  # fmt: skip
    asked = _like("test_inputs", test_inputs, inputs)
    temperature, soft_weight = zip(*conditions, strict=True) if conditions else ((), ())
    teaching = Teaching(
        logits=_tensor(taught, device),
        temperature=_tensor(np.tile(TEMPERATURE.check(temperature), len(seeds)), device),
        soft_weight=_tensor(np.tile(SOFT_WEIGHT.check(soft_weight), len(seeds)), device),
    )
    networks = _trained(
        inputs, labels, taught.shape[1], seeds, len(conditions), hidden, optimizer, steps, batch,
        device, teaching,
    )  # fmt: skip
    shape = (len(seeds), len(conditions), -1, taught.shape[1])
    return Students(
        training=_logits(networks, inputs).reshape(shape),
        test=_logits(networks, asked).reshape(shape),
    )


def train_teacher(
    training: Labelled,
    classes: int,
    questions: Sequence[ArrayLike],
    seeds: Sequence[np.random.SeedSequence],
    *,
    hidden: int,
    optimizer: Optimizer,
    steps: int,
    batch: int,
    device: str = "cpu",
) -> list[NDArray[np.float32]]:
    """Train an ensemble as `train_members` does and return its mean logits on every set of inputs.

    Returns
    -------
    list of float32 arrays, shape (samples, classes) each
    """
    told = train_members(
        training, classes, questions, seeds,
        hidden=hidden, optimizer=optimizer, steps=steps, batch=batch, device=device,
    )  # fmt: skip
    return [logits.mean(axis=0) for logits in told]


def train_members(
    training: Labelled,
    classes: int,
    questions: Sequence[ArrayLike],
    seeds: Sequence[np.random.SeedSequence],
    *,
    hidden: int,
    optimizer: Optimizer,
    steps: int,
    batch: int,
    device: str = "cpu",
) -> list[NDArray[np.float32]]:
    """Train networks on labels and return what each puts out on several sets of inputs.

    Parameters
    ----------
    training : Labelled
        The networks' own data.
    classes : int
    questions : sequence of arrays, shape (samples, d) each
        Inputs on which they are asked: for a teacher the students' training inputs and the test's.
    seeds : sequence of SeedSequence
        One for each network; they are not changed.
    hidden, optimizer, steps, batch, device
        As for `train_students`.

    Returns
    -------
    list of float32 arrays, shape (networks, samples, classes) each
        Logits.
    """
    _check(seeds, hidden=hidden, steps=steps)
    inputs, labels = _checked(training, classes)
    asked = [_like(f"questions[{n}]", value, inputs) for n, value in enumerate(questions)]
    networks = _trained(
        inputs, labels, classes, seeds, 1, hidden, optimizer, steps, batch, device, None
    )
    return [_logits(networks, value) for value in asked]


def _trained(
    inputs: NDArray[np.float32],
    labels: NDArray[np.int64],
    classes: int,
    seeds: Sequence[np.random.SeedSequence],
    each: int,
    hidden: int,
    optimizer: Optimizer,
    steps: int,
    batch: int,
    device: str,
    teaching: Teaching | None,
) -> Perceptrons:
    """`each` networks of every seed, trained; they start alike and see the same batches."""
    widths = (inputs.shape[1], hidden, classes)
    starts = [_stream(seed, WEIGHTS) for seed in seeds for _ in range(each)]
    order = batches([_stream(seed, ORDER) for seed in seeds], len(inputs), batch, steps)
    networks = Perceptrons.initial(starts, widths).to(device)
    targets = torch.nn.functional.one_hot(torch.from_numpy(labels), classes).float().to(device)
    train(networks, _tensor(inputs, device), targets, order, optimizer, teaching)
    return networks


def autograd(
    labels: NDArray[np.int64],
    teacher: NDArray[np.float64],
    logits: NDArray[np.float64],
    temperature: float,
    weight: float,
    reverse: bool,
) -> NDArray[np.float64]:
    """The logit gradient of the summed loss, by torch; `reverse` takes KL(student || teacher)."""
    z = torch.tensor(logits, requires_grad=True)
    p = torch.log_softmax(z / temperature, dim=1)
    q = torch.log_softmax(torch.tensor(teacher) / temperature, dim=1)
    divergence = (p.exp() * (p - q) if reverse else q.exp() * (q - p)).sum()
    hard = torch.nn.functional.cross_entropy(z, torch.from_numpy(labels), reduction="sum")
    ((1 - weight) * hard + weight * temperature * divergence).backward()
    assert z.grad is not None
    return np.asarray(z.grad)


def _check(seeds: Sequence[np.random.SeedSequence], **counts: int) -> None:
    if not seeds:
        raise ValueError("seeds is empty (one SeedSequence a replicate); give at least one")
    for name, value in counts.items():
        if value < 1:
            raise ValueError(f"{name}={value} is not allowed (>= 1); choose a larger one")


def _stream(seed: np.random.SeedSequence, purpose: int) -> np.random.SeedSequence:
    """A child of the seed; unlike `seed.spawn`, the same one whenever it is asked for."""
    return np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, purpose))


def _logits(networks: Perceptrons, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Shape (networks, samples, classes); one network after another, for the sake of memory."""
    device = networks.biases[0].device
    values = torch.from_numpy(inputs).to(device)
    with torch.inference_mode():
        return np.concatenate(
            [networks.part(slice(n, n + 1)).logits(values).cpu() for n in range(len(networks))]
        )


def _checked(data: Labelled, classes: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    inputs = _floats(check_rows("training.inputs", data.inputs))
    return inputs, check_labels(data.labels, classes, len(inputs))


def _like(name: str, value: ArrayLike, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    array = check_rows(name, value)
    if array.shape[1] != inputs.shape[1]:
        raise ValueError(f"{name} of shape {array.shape} is not allowed: the training inputs have "
                         f"{inputs.shape[1]} columns; give the same ones")  # fmt: skip
    return _floats(array)


def _floats(array: NDArray | LazyRows) -> NDArray[np.float32]:
    return np.ascontiguousarray(array, dtype=np.float32)


def _tensor(array: NDArray | LazyRows, device: str) -> torch.Tensor:
    return torch.from_numpy(_floats(array)).to(device)
