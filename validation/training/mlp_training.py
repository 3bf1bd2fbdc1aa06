"""Training of many perceptrons: on a CPU one after another, on a GPU all at once.

Every network has its own batches and, if it is taught, its own temperature and weight of the
teacher; its result does not depend on its company, to the last bit.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from validation.training import mlp_kernel
from validation.training.compiled import ready
from validation.training.descent import TINY
from validation.training.mlp import Perceptrons
from validation.training.mlp_packed import Teaching, train_packed
from validation.training.optimizer import Optimizer

__all__ = ["Teaching", "train"]


def train(
    networks: Perceptrons,
    inputs: Tensor,
    targets: Tensor,
    order: NDArray[np.int64],
    optimizer: Optimizer,
    teaching: Teaching | None = None,
    packing: int | None = None,
    compiled: bool = False,
) -> None:
    """Train every network in place, on its cross-entropy or on its loss of distillation.

    With labels Y, teacher's logits Z and KL from the teacher to the student, the loss is
    (1 - w) CE(Y, softmax(z)) + w T KL(softmax(Z/T), softmax(z/T)), whose slope on the logits z is
    (1 - w) (softmax(z) - Y) + w (softmax(z/T) - softmax(Z/T)): dual outputs minus dual labels.

    Parameters
    ----------
    networks : Perceptrons
    inputs : float tensor, shape (samples, d)
    targets : float tensor, shape (samples, classes)
        Probabilities of the classes; rows of one-hot labels for hard ones.
    order : int array, shape (steps, orders, batch)
        Samples of each step, from `mlp.batches`: an order for each network, or one for every
        group of networks; groups are equal, and a group's networks stand in a row.
    optimizer : Optimizer
    teaching : Teaching, optional
        Its logits have the shape of the targets. By default all networks learn from the targets
        alone.
    packing : int, optional
        Networks trained at once on a GPU, at most; by default as many as its memory holds. It
        changes speed and memory, never the result.
    compiled : bool
        Let torch.compile fuse the passes of a step (within 1e-4 of eager after 500 steps). For
        the method "sgd" at a constant rate: torch.compile fails on the parts of one vector, and
        compiles anew for every rate. On a CPU what is not compiled so is by numba, and faster.
    """
    orders = order.shape[1]
    if not orders or len(networks) % orders:
        raise ValueError(f"order has {orders} orders for {len(networks)} networks; give one for "
                         "each network, or for equal groups of them")  # fmt: skip
    if order.size and not 0 <= order.min() <= order.max() < len(inputs):
        raise IndexError(f"order holds samples from {order.min()} to {order.max()}, there are "
                         f"{len(inputs)}; number them from 0")  # fmt: skip
    wanted = (len(inputs), networks.widths[0]), (len(inputs), networks.widths[-1])
    if (tuple(inputs.shape), tuple(targets.shape)) != wanted:
        raise IndexError(f"inputs and targets of shapes {tuple(inputs.shape)} and "
                         f"{tuple(targets.shape)} are not allowed: the networks take "
                         f"{wanted[0]} and {wanted[1]}; give these")  # fmt: skip
    if teaching is not None and len(teaching.temperature) != len(networks):
        raise ValueError(f"teaching is of {len(teaching.temperature)} networks, there are "
                         f"{len(networks)}; give each network its temperature")  # fmt: skip
    if teaching is not None and teaching.logits.shape != targets.shape:
        raise IndexError(f"teaching.logits of shape {tuple(teaching.logits.shape)} are not "
                         f"allowed: targets have {tuple(targets.shape)}; give one for each "
                         "sample and class")  # fmt: skip
    if compiled and (optimizer.method, optimizer.final) != ("sgd", 1):
        raise ValueError(f"compiled=True is not allowed with {optimizer} (method='sgd', final=1); "
                         "train without compiling")  # fmt: skip
    if inputs.device.type == "cpu" and not compiled:
        _train_compiled(networks, inputs, targets, order, optimizer, teaching)
    else:
        indices = torch.from_numpy(order).to(inputs.device)
        train_packed(networks, inputs, targets, indices, optimizer, teaching, packing, compiled)


def _train_compiled(
    networks: Perceptrons,
    inputs: Tensor,
    targets: Tensor,
    order: NDArray[np.int64],
    optimizer: Optimizer,
    teaching: Teaching | None,
) -> None:
    """By `mlp_kernel`, which takes plain arrays."""
    steps, count = len(order), len(networks)
    rows = networks.rows().numpy()
    rates = np.array([optimizer.at(step, steps) for step in range(steps)])
    first, second = optimizer.momentum, 0.0
    tiny = np.zeros(steps)
    if optimizer.method == "adam":
        first, second = optimizer.averaging
        # Both means start at 0 and are small at first; the steps make up for it.
        number = np.arange(1, steps + 1)
        lack, lack_square = 1 - first**number, np.sqrt(1 - second**number)
        rates, tiny = rates * lack_square / lack, TINY * lack_square

    def like(values: object) -> NDArray:
        return np.ascontiguousarray(values, dtype=rows.dtype)

    arguments = (
        rows,
        np.array(networks.widths),
        like(inputs),
        like(targets),
        np.ascontiguousarray(order),
        mlp_kernel.METHODS.index(optimizer.method),
        like(rates),
        like(tiny),
        like([optimizer.weight_decay, first, second]),
        like(targets if teaching is None else teaching.logits),
        like(np.ones(count) if teaching is None else teaching.temperature),
        like(np.zeros(count) if teaching is None else teaching.soft_weight),
    )
    ready(mlp_kernel.train, *arguments)
    mlp_kernel.train(*arguments)
    networks.assign_rows(torch.from_numpy(rows))
