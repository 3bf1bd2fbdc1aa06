"""A layer of the small convolutional network on a CPU: one network's, forward and backward.

Convolution, batch norm, the maxima of 2x2 pixels and ReLU, of maps of shape (channels, height,
width, samples). As samples run fastest a convolution is one matrix product with a table of what its
weights see, copied line by line, and all else is a few passes over long rows, compiled by numba.
"""

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from validation.training.compiled import kept, ready

SIDE = 3
"""Of the weights of a convolution, which see one pixel beyond each edge, of value 0."""


def pooled_layer(
    values: Tensor,
    weight: Tensor,
    scale: Tensor,
    shift: Tensor,
    mean: Tensor,
    variance: Tensor,
    training: bool,
    momentum: float,
    epsilon: float,
) -> Tensor:
    """What the layer makes of maps, shape (outputs, height // 2, width // 2, samples).

    Parameters
    ----------
    values : float tensor, shape (inputs, height, width, samples)
        On a CPU, as all others are, and of their type.
    weight : float tensor, shape (outputs, inputs, 3, 3)
    scale, shift : float tensors, shape (outputs,)
        Of batch norm.
    mean, variance : float tensors, shape (outputs,)
        Running ones.
    training : bool
        Whether batch norm takes the statistics of these samples and brings the running ones up to
        date, in place; else it takes the running ones.
    momentum : float
        Share of new statistics in the running ones.
    epsilon : float
        Added to the variance.
    """
    return _Layer.apply(values, weight, scale, shift, mean, variance, training, momentum, epsilon)


class _Layer(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        values: Tensor,
        weight: Tensor,
        scale: Tensor,
        shift: Tensor,
        mean: Tensor,
        variance: Tensor,
        training: bool,
        momentum: float,
        epsilon: float,
    ) -> Tensor:
        inputs, high, wide, samples = values.shape
        outputs = len(weight)
        numbers = values.numpy()
        _compile(numbers.dtype)
        seen = values.new_empty(inputs, SIDE, SIDE, high, wide * samples)
        _spread(numbers.reshape(inputs, high, -1), samples, seen.numpy())
        table = seen.view(inputs * SIDE**2, -1)
        maps = torch.mm(weight.view(outputs, -1), table).view(outputs, high, wide, samples)
        norm, pooled = (
            values.new_empty(*shape)
            for shape in ((4, outputs), (outputs, high // 2, wide // 2, samples))
        )
        _norm_and_pool(
            maps.numpy(), scale.numpy(), shift.numpy(), mean.numpy(), variance.numpy(),
            training, momentum, epsilon, norm.numpy(), pooled.numpy(),
        )  # fmt: skip
        ctx.save_for_backward(table, maps, weight, norm)
        ctx.training, ctx.shape = training, values.shape
        return pooled

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slopes: Tensor) -> tuple[Tensor | None, ...]:
        table, maps, weight, norm = ctx.saved_tensors
        outputs = len(weight)
        of_maps, of_norm = torch.empty_like(maps), torch.empty_like(norm[:2])
        _unpool_and_unnorm(
            maps.numpy(), norm.numpy(), ctx.training, slopes.contiguous().numpy(),
            of_norm.numpy(), of_maps.numpy(),
        )  # fmt: skip
        rows = of_maps.view(outputs, -1)
        of_values = None
        if ctx.needs_input_grad[0]:
            inputs, high, _, samples = ctx.shape
            of_table = torch.mm(weight.view(outputs, -1).T, rows)
            of_values = rows.new_zeros(ctx.shape)
            _gather(
                of_table.numpy().reshape(inputs, SIDE, SIDE, high, -1), samples,
                of_values.numpy().reshape(inputs, high, -1),
            )  # fmt: skip
        of_weight = torch.mm(rows, table.T).view(weight.shape)
        return of_values, of_weight, of_norm[0], of_norm[1], *(None,) * 5


MEAN, INVERSE, FACTOR, SHIFT = range(4)
"""Rows of what batch norm does to a channel: (value - mean) * factor + shift, the factor being the
scale over the deviation."""
_exact = kept(fastmath={"contract"})
_summing = kept(fastmath={"contract", "reassoc", "nsz"})
"""Sums of long rows in any order: by many partial sums, which round less than one."""


@lru_cache
def _compile(dtype: np.dtype) -> None:
    """For numbers of a type, before any of these functions is called with some."""
    channels, rows, maps = (np.zeros((4,) * n, dtype) for n in (1, 2, 4))
    values, table = np.zeros((1, 1, 1), dtype), np.zeros((1, SIDE, SIDE, 1, 1), dtype)
    ready(_spread, values, 1, table)
    ready(_gather, table, 1, values)
    ready(_norm_and_pool, maps, channels, channels, channels, channels, True, 0.1, 0.1, rows, maps)
    ready(_unpool_and_unnorm, maps, rows, True, maps, rows, maps)


@_exact
def _spread(values, samples, table):  # type: ignore[no-untyped-def]
    """What each weight sees: table[c, i, j, y, x] = values[c, y + i - 1, x + j - 1]."""
    zero = values.dtype.type(0)
    channels, high, wide = values.shape
    for c in range(channels):
        for i in range(SIDE):
            for y in range(high):
                line = y + i - 1
                for j in range(SIDE):
                    row = table[c, i, j, y]
                    if line < 0 or line >= high:
                        for x in range(wide):
                            row[x] = zero
                        continue
                    moved = (j - 1) * samples
                    first, last = max(0, -moved), wide - max(0, moved)
                    for x in range(first):
                        row[x] = zero
                    own, seen = row[first:last], values[c, line, first + moved : last + moved]
                    for x in range(own.size):
                        own[x] = seen[x]
                    for x in range(last, wide):
                        row[x] = zero


@_exact
def _gather(table, samples, values):  # type: ignore[no-untyped-def]
    """Add to each value what was made of it by `_spread`."""
    channels, high, wide = values.shape
    for c in range(channels):
        for i in range(SIDE):
            for y in range(max(0, 1 - i), min(high, high + 1 - i)):
                for j in range(SIDE):
                    moved = (j - 1) * samples
                    first, last = max(0, -moved), wide - max(0, moved)
                    own = values[c, y + i - 1, first + moved : last + moved]
                    seen = table[c, i, j, y, first:last]
                    for x in range(own.size):
                        own[x] += seen[x]


@_summing
def _norm(  # type: ignore[no-untyped-def]
    rows, scales, shifts, means, variances, training, momentum, epsilon, norm
):
    """What batch norm does to each channel; in training the running statistics move."""
    zero, one, count = rows.dtype.type(0), rows.dtype.type(1), rows.dtype.type(rows.shape[1])
    share, least = rows.dtype.type(momentum), rows.dtype.type(epsilon)
    for c in range(rows.shape[0]):
        row, mean, variance = rows[c], means[c], variances[c]
        if training:
            total, square = zero, zero
            for s in range(row.size):
                total += row[s]
            mean = total / count
            for s in range(row.size):
                square += (row[s] - mean) * (row[s] - mean)
            variance = square / count
            means[c] += share * (mean - means[c])
            variances[c] += share * (square / (count - one) - variances[c])
        norm[MEAN, c], norm[INVERSE, c] = mean, one / np.sqrt(variance + least)
        norm[FACTOR, c], norm[SHIFT, c] = norm[INVERSE, c] * scales[c], shifts[c]


@_exact
def _pool(maps, norm, pooled):  # type: ignore[no-untyped-def]
    zero = maps.dtype.type(0)
    channels, high, wide, samples = pooled.shape
    for c in range(channels):
        mean, factor, shift = norm[MEAN, c], norm[FACTOR, c], norm[SHIFT, c]
        for y in range(high):
            for x in range(wide):
                a, b = maps[c, 2 * y, 2 * x], maps[c, 2 * y, 2 * x + 1]
                d, e = maps[c, 2 * y + 1, 2 * x], maps[c, 2 * y + 1, 2 * x + 1]
                for s in range(samples):
                    u, v = (a[s] - mean) * factor, (b[s] - mean) * factor
                    w, z = (d[s] - mean) * factor, (e[s] - mean) * factor
                    u, w = v if v > u else u, z if z > w else w
                    u = (w if w > u else u) + shift
                    # So that what is no number stays none.
                    pooled[c, y, x, s] = zero if u < zero else u


@_exact
def _unpool(maps, norm, slopes, spread):  # type: ignore[no-untyped-def]
    """Give each slope to the first of the largest of its four pixels, if that is above 0."""
    zero = maps.dtype.type(0)
    channels, high, wide, samples = slopes.shape
    place = np.empty(samples, maps.dtype)
    for c in range(channels):
        mean, factor, shift = norm[MEAN, c], norm[FACTOR, c], norm[SHIFT, c]
        for y in range(high):
            for x in range(wide):
                a, b = maps[c, 2 * y, 2 * x], maps[c, 2 * y, 2 * x + 1]
                d, e = maps[c, 2 * y + 1, 2 * x], maps[c, 2 * y + 1, 2 * x + 1]
                for s in range(samples):
                    u, v = (a[s] - mean) * factor, (b[s] - mean) * factor
                    w, z = (d[s] - mean) * factor, (e[s] - mean) * factor
                    upper = maps.dtype.type(1) if v > u else zero
                    lower = maps.dtype.type(3) if z > w else maps.dtype.type(2)
                    u, w = v if v > u else u, z if z > w else w
                    upper = lower if w > u else upper
                    u = (w if w > u else u) + shift
                    place[s] = upper if u > zero else maps.dtype.type(4)
                for n in range(4):
                    own, number = spread[c, 2 * y + n // 2, 2 * x + n % 2], maps.dtype.type(n)
                    for s in range(samples):
                        own[s] = slopes[c, y, x, s] if place[s] == number else zero
        # Of an odd height or width the last pixels are in no maximum.
        spread[c, 2 * high :] = zero
        spread[c, :, 2 * wide :] = zero


@_summing
def _unnorm(rows, norm, training, of_norm, slopes):  # type: ignore[no-untyped-def]
    """From slopes by what batch norm gives to those by what it takes, in place.

    `of_norm` are those by its scale and by its shift. In training the mean and the variance answer
    to what they are taken from, too.
    """
    zero, count = rows.dtype.type(0), rows.dtype.type(rows.shape[1])
    for c in range(rows.shape[0]):
        row, own, mean, inverse = rows[c], slopes[c], norm[MEAN, c], norm[INVERSE, c]
        factor, total, product = norm[FACTOR, c], zero, zero
        for s in range(row.size):
            total += own[s]
            product += own[s] * (row[s] - mean)
        of_norm[0, c], of_norm[1, c] = product * inverse, total
        middle = total / count if training else zero
        along = product * inverse * inverse / count if training else zero
        for s in range(row.size):
            own[s] = (own[s] - middle - (row[s] - mean) * along) * factor


@_exact
def _norm_and_pool(  # type: ignore[no-untyped-def]
    maps, scales, shifts, means, variances, training, momentum, epsilon, norm, pooled
):
    rows = maps.reshape((len(maps), -1))
    _norm(rows, scales, shifts, means, variances, training, momentum, epsilon, norm)
    _pool(maps, norm, pooled)


@_exact
def _unpool_and_unnorm(maps, norm, training, slopes, of_norm, of_maps):  # type: ignore[no-untyped-def]
    _unpool(maps, norm, slopes, of_maps)
    rows, of_rows = maps.reshape((len(maps), -1)), of_maps.reshape((len(maps), -1))
    _unnorm(rows, norm, training, of_norm, of_rows)
