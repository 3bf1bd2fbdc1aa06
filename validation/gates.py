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
from torch import Tensor

from validation.compiled import kept, ready
from validation.networks import smoothed_relu_

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
    values = by_class.numpy()
    add_values, to_slopes = _compiled(power, values.dtype)
    networks, classes, _, samples = by_class.shape
    logits = responses.new_empty(networks, classes, samples)
    sums = logits.numpy()
    ready(add_values, values, sums)
    ready(to_slopes, values, sums)

    def answer() -> Tensor:
        add_values(values, sums)
        return logits

    def slopes(residuals: Tensor) -> Tensor:
        to_slopes(values, residuals.numpy())
        return responses

    return answer, slopes


@lru_cache
def _compiled(power: int, dtype: np.dtype) -> tuple[Any, Any]:
    """The two passes for one power, which the compiler must know to make vectors of them."""
    # Multiply and add in one rounding; sums stay in their order.
    compiled = kept(fastmath={"contract"})
    zero, one, share = map(dtype.type, (0, 1, 1 / power))
    times = power - 2

    @compiled
    def add_values(values, sums):  # type: ignore[no-untyped-def]
        networks, classes, rows, samples = values.shape
        for n in range(networks):
            for k in range(classes):
                own = sums[n, k]
                own[:] = zero
                for r in range(rows):
                    row = values[n, k, r]
                    for s in range(samples):
                        z = row[s] if row[s] > zero else zero
                        c = z if z < one else one
                        slope = c
                        for _ in range(times):
                            slope *= c
                        own[s] += c * slope * share + (z - c)

    @compiled
    def to_slopes(values, residuals):  # type: ignore[no-untyped-def]
        networks, classes, rows, samples = values.shape
        for n in range(networks):
            for k in range(classes):
                own = residuals[n, k]
                for r in range(rows):
                    row = values[n, k, r]
                    for s in range(samples):
                        z = row[s] if row[s] > zero else zero
                        c = z if z < one else one
                        slope = c
                        for _ in range(times):
                            slope *= c
                        row[s] = slope * own[s]

    return add_values, to_slopes
