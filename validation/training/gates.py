"""From responses to logits, and from their residuals back to slopes: a step beside its products.

On a CPU each is one pass over the responses, compiled by numba; elsewhere a few passes of torch.
A pass goes over the samples of one neuron and patch of one network, so that no result depends on
how many networks there are.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numba import njit
from torch import Tensor

from validation.training.compiled import kept, ready
from validation.training.networks import smoothed_relu_

WORKING_COPIES = {"cpu": 1, "cuda": 3}
"""Activations alive at once: responses; on a GPU clipped ones and slopes besides."""

Answer = Callable[[], Tensor]
"""The logits of the responses, shape (networks, classes, samples)."""
Slopes = Callable[[Tensor], Tensor]
"""(residuals, shaped as the logits): slopes of the loss by each response, shaped as these."""


def gates(responses: Tensor, classes: int, samples: int, power: int) -> tuple[Answer, Slopes]:
    """What to ask of responses, shape (networks, classes * neurons, patches * samples).

    To be called in turn: the slopes take the place of the responses.
    """
    by_class = responses.view(len(responses), classes, -1, samples)
    of = _fused if responses.device.type == "cpu" else _passes
    return of(responses, by_class, power)


def _passes(responses: Tensor, by_class: Tensor, power: int) -> tuple[Answer, Slopes]:
    clipped, slope = torch.empty_like(responses), torch.empty_like(responses)

    def answer() -> Tensor:
        smoothed_relu_(responses, power, clipped, slope)
        return by_class.sum(2)

    def slopes(residuals: Tensor) -> Tensor:
        slope.view(by_class.shape).mul_(residuals[:, :, None])
        return slope

    return answer, slopes


def _fused(responses: Tensor, by_class: Tensor, power: int) -> tuple[Answer, Slopes]:
    networks, classes, rows, samples = by_class.shape
    values = by_class.view(networks * classes, rows, samples).numpy()
    add_values, to_slopes = _compiled(power, values.dtype)
    logits = responses.new_empty(networks, classes, samples)
    sums = logits.flatten(0, 1).numpy()
    ready(add_values, values, sums)
    ready(to_slopes, values, sums)

    def answer() -> Tensor:
        add_values(values, sums)
        return logits

    def slopes(residuals: Tensor) -> Tensor:
        to_slopes(values, residuals.flatten(0, 1).numpy())
        return responses

    return answer, slopes


@njit(inline="always")
def _power(c, one_less):  # type: ignore[no-untyped-def]
    """c^(one_less + 1); to be a part of what calls it, which knows the number."""
    product = c
    for _ in range(one_less):
        product *= c
    return product


@lru_cache
def _compiled(power: int, dtype: np.dtype) -> tuple[Any, Any]:
    """The two passes for one power, which the compiler must know to make vectors of them.

    Both go over the classes of all networks, `values` of shape (networks * classes, neurons *
    patches, samples). Above 0 ReLU~(z) = c^q/q + z - c and its slope c^(q-1), c = min(z, 1).
    Written otherwise than row by row they become no vectors, and take ten times as long.
    """
    # Multiply and add in one rounding; sums stay in their order.
    compiled = kept(fastmath={"contract"})
    zero, one, share = map(dtype.type, (0, 1, 1 / power))
    times = power - 2

    @compiled
    def add_values(values, sums):  # type: ignore[no-untyped-def]
        sums[:] = zero
        for k in range(values.shape[0]):
            own = sums[k]
            for r in range(values.shape[1]):
                row = values[k, r]
                for s in range(values.shape[2]):
                    z = row[s] if row[s] > zero else zero
                    c = z if z < one else one
                    own[s] += c * _power(c, times) * share + (z - c)

    @compiled
    def to_slopes(values, residuals):  # type: ignore[no-untyped-def]
        for k in range(values.shape[0]):
            own = residuals[k]
            for r in range(values.shape[1]):
                row = values[k, r]
                for s in range(values.shape[2]):
                    z = row[s] if row[s] > zero else zero
                    c = z if z < one else one
                    row[s] = _power(c, times) * own[s]

    return add_values, to_slopes
