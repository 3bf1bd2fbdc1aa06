"""Training of perceptrons on a CPU: one network after another, each in one compiled loop.

A network of these sizes, its gradient and the activations of a batch fit into a core's own cache
and stay there from step to step, which no program over many networks at once can give. What
surrounds the matrix products is done in as few passes as there are reasons to look at the numbers.
Nothing of a network is shared with another, so its result cannot depend on its company.

Sums over a batch run in its order and are never rearranged: the same bits on every core. Products
are BLAS's, through numba; they too depend on shapes alone where it has one thread.
"""

from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import overload
from numpy.typing import NDArray

from validation.compiled import kept

METHODS = ("sgd", "momentum", "adam")
SGD, MOMENTUM, ADAM = range(3)
BLOCK = 256
"""Samples whose activations are worked out together when trained networks are asked."""

_entry = kept()
_compile = njit(error_model="numpy")
"""For what the entries call. It stands in this file: numba's cache, which spares all but the first
run some seconds, looks at the file of the entry alone."""


def exp(x: Any) -> Any:
    """numpy's exponential; in compiled code that of `_exp`."""
    return np.exp(x)


@overload(exp, inline="always")
def _exp(x: Any) -> Any:
    """In single precision by Cody and Waite's reduction and a polynomial, to 1.3e-7 of the value.

    The library's is called for one number at a time; this, the compiler turns into vectors. For
    x <= 0: results below the smallest normal number are that number's size.
    """
    if x != types.float32:

        def double(x: Any) -> Any:
            return np.exp(x)

        return double

    def single(x: Any) -> Any:
        f = np.float32
        # Written so that what is not a number stays so.
        x = f(-87) if x < f(-87) else x
        power = np.floor(x * f(1.44269504) + f(0.5))
        x = x - power * f(0.693359375) - power * f(-2.12194440e-4)
        y = f(1.9875691500e-4)
        y = y * x + f(1.3981999507e-3)
        y = y * x + f(8.3334519073e-3)
        y = y * x + f(4.1665795894e-2)
        y = y * x + f(1.6666665459e-1)
        y = y * x + f(5.0000001201e-1)
        y = y * x * x + x + f(1)
        return y * np.int32((np.int32(power) + 127) << 23).view(np.float32)

    return single


@_compile
def softmax(z: NDArray, largest: NDArray, total: NDArray) -> None:
    """Overwrite logits, shape (classes, samples), by probabilities; the others are memory."""
    classes, samples = z.shape
    for i in range(samples):
        largest[i] = z[0, i]
    for k in range(1, classes):
        for i in range(samples):
            # In this order what is not a number stays so.
            largest[i] = largest[i] if z[k, i] <= largest[i] else z[k, i]
    total[:] = 0
    for k in range(classes):
        for i in range(samples):
            z[k, i] = exp(z[k, i] - largest[i])
            total[i] += z[k, i]
    for i in range(samples):
        total[i] = z.dtype.type(1) / total[i]
    for k in range(classes):
        for i in range(samples):
            z[k, i] *= total[i]


@_compile
def _layer(vector: NDArray, widths: NDArray, layer: int) -> tuple[NDArray, NDArray]:
    """Weights and biases of a layer, views of the vector of all; the last layer's are turned."""
    start = 0
    for before in range(layer):
        start += (widths[before] + 1) * widths[before + 1]
    rows, columns = widths[layer], widths[layer + 1]
    middle = start + rows * columns
    shape = (columns, rows) if layer == widths.size - 2 else (rows, columns)
    return vector[start:middle].reshape(shape), vector[middle : middle + columns]


@_compile
def _values(memory: NDArray, widths: NDArray, layer: int, samples: int) -> NDArray:
    """The part of the memory that holds what goes into a layer, shape (samples, its inputs)."""
    start = 0
    for before in range(layer):
        start += samples * widths[before]
    width = widths[layer]
    return memory[start : start + samples * width].reshape((samples, width))


@_compile
def _gather(inputs: NDArray, chosen: NDArray, rows: NDArray) -> None:
    for i in range(rows.shape[0]):
        row = inputs[chosen[i]]
        for j in range(rows.shape[1]):
            rows[i, j] = row[j]


@_compile
def _bend(values: NDArray, bias: NDArray) -> None:
    """Add the bias and set to 0 what is below."""
    zero = values.dtype.type(0)
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            value = values[i, j] + bias[j]
            values[i, j] = zero if value <= zero else value


@_compile
def _gate(slopes: NDArray, values: NDArray, total: NDArray) -> None:
    """Set to 0 the slopes of neurons that are at 0, and sum the others over the samples."""
    zero = values.dtype.type(0)
    total[:] = 0
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            slope = zero if values[i, j] <= zero else slopes[i, j]
            slopes[i, j] = slope
            total[j] += slope


@_compile
def _move(
    vector: NDArray,
    gradient: NDArray,
    mean: NDArray,
    square: NDArray,
    method: int,
    rate: Any,
    tiny: Any,
    shares: NDArray,
) -> None:
    """A step of the method; `shares` are the weight decay and what the means keep."""
    decay, keep, keep_square = shares[0], shares[1], shares[2]
    one = shares.dtype.type(1)
    if decay > 0:
        for n in range(vector.size):
            gradient[n] += decay * vector[n]
    if method == SGD:
        for n in range(vector.size):
            vector[n] -= rate * gradient[n]
    elif method == MOMENTUM:
        for n in range(vector.size):
            mean[n] = keep * mean[n] + gradient[n]
            vector[n] -= rate * mean[n]
    else:
        new, new_square = one - keep, one - keep_square
        for n in range(vector.size):
            mean[n] += new * (gradient[n] - mean[n])
            square[n] = keep_square * square[n] + new_square * (gradient[n] * gradient[n])
            vector[n] -= rate * mean[n] / (np.sqrt(square[n]) + tiny)


@_compile
def _outputs(vector: NDArray, widths: NDArray, memory: NDArray, outputs: NDArray) -> None:
    """Logits, shape (classes, samples), on the inputs that the memory of values begins with."""
    samples, last = outputs.shape[1], widths.size - 2
    value = _values(memory, widths, 0, samples)
    for layer in range(last):
        weights, bias = _layer(vector, widths, layer)
        following = _values(memory, widths, layer + 1, samples)
        np.dot(value, weights, following)
        _bend(following, bias)
        value = following
    weights, bias = _layer(vector, widths, last)
    np.dot(weights, value.T, outputs)
    for k in range(outputs.shape[0]):
        for i in range(samples):
            outputs[k, i] += bias[k]


@_compile
def _descend(
    vector: NDArray,
    gradient: NDArray,
    widths: NDArray,
    memory: NDArray,
    slopes: NDArray,
    outputs: NDArray,
    ones: NDArray,
) -> None:
    """The gradient, from the slopes of the loss on the outputs."""
    samples, last = outputs.shape[1], widths.size - 2
    weights, _ = _layer(vector, widths, last)
    weight_slopes, bias_slopes = _layer(gradient, widths, last)
    np.dot(outputs, _values(memory, widths, last, samples), weight_slopes)
    np.dot(outputs, ones, bias_slopes)
    slope = _values(slopes, widths, last, samples)
    if last > 0:
        np.dot(outputs.T, weights, slope)
    for layer in range(last - 1, -1, -1):
        weights, _ = _layer(vector, widths, layer)
        weight_slopes, bias_slopes = _layer(gradient, widths, layer)
        _gate(slope, _values(memory, widths, layer + 1, samples), bias_slopes)
        np.dot(_values(memory, widths, layer, samples).T, slope, weight_slopes)
        if layer > 0:
            below = _values(slopes, widths, layer, samples)
            np.dot(slope, weights.T, below)
            slope = below


@_compile
def _residuals(
    outputs: NDArray,
    wanted: NDArray,
    chosen: NDArray,
    soft: Any,
    coolness: Any,
    cooled: NDArray,
    largest: NDArray,
    total: NDArray,
) -> None:
    """Logits become dual outputs less dual labels, of the mean over the batch."""
    classes, batch = outputs.shape
    share = outputs.dtype.type(1) / outputs.dtype.type(batch)
    if soft > 0:
        for k in range(classes):
            for i in range(batch):
                cooled[k, i] = coolness * outputs[k, i]
        softmax(cooled, largest, total)
    softmax(outputs, largest, total)
    if soft > 0:
        for k in range(classes):
            for i in range(batch):
                outputs[k, i] += soft * (cooled[k, i] - outputs[k, i])
    for k in range(classes):
        for i in range(batch):
            outputs[k, i] = share * (outputs[k, i] - wanted[chosen[i], k])


@_entry
def train(
    networks: NDArray,
    widths: NDArray,
    inputs: NDArray,
    targets: NDArray,
    order: NDArray,
    method: int,
    rates: NDArray,
    tiny: NDArray,
    shares: NDArray,
    logits: NDArray,
    temperature: NDArray,
    soft_weight: NDArray,
) -> None:
    """Train networks in place: rows of parameters in the order of `_layer`.

    Parameters
    ----------
    networks : float array, shape (networks, parameters)
    widths : int array
        Of the inputs, the hidden layers and the classes.
    inputs, targets, logits : float arrays, shape (samples, d) and (samples, classes)
        The teacher's logits are read where the weight of its word is not 0.
    order : int array, shape (steps, orders, batch)
        For equal groups of networks that stand in a row.
    method : int
        SGD, MOMENTUM or ADAM.
    rates, tiny : float arrays, shape (steps,)
        Of each step; `tiny` is Adam's epsilon.
    shares : float array, shape (3,)
        Weight decay and the shares of both means that a step keeps.
    temperature, soft_weight : float arrays, shape (networks,)
    """
    steps, orders, batch = order.shape
    count, size = networks.shape
    samples, classes = targets.shape
    dtype = networks.dtype
    gradient, mean, square = np.empty(size, dtype), np.empty(size, dtype), np.empty(size, dtype)
    memory = np.empty(batch * widths.sum(), dtype)
    slopes = np.empty(batch * widths.sum(), dtype)
    outputs, cooled = np.empty((classes, batch), dtype), np.empty((classes, batch), dtype)
    largest, total = np.empty(batch, dtype), np.empty(batch, dtype)
    wanted, ones = np.empty((samples, classes), dtype), np.ones(batch, dtype)
    for network in range(count):
        vector = networks[network]
        mean[:] = 0
        square[:] = 0
        soft, coolness = soft_weight[network], dtype.type(1) / temperature[network]
        wanted[:] = targets
        if soft > 0:
            _mix_soft_labels(wanted, logits, soft, coolness)
        for step in range(steps):
            chosen = order[step, network // (count // orders)]
            _gather(inputs, chosen, _values(memory, widths, 0, batch))
            _outputs(vector, widths, memory, outputs)
            _residuals(outputs, wanted, chosen, soft, coolness, cooled, largest, total)
            _descend(vector, gradient, widths, memory, slopes, outputs, ones)
            _move(vector, gradient, mean, square, method, rates[step], tiny[step], shares)


@_entry
def outputs(networks: NDArray, widths: NDArray, inputs: NDArray) -> NDArray:
    """Logits, shape (networks, classes, samples), some samples at a time."""
    samples = len(inputs)
    found = np.empty((len(networks), widths[widths.size - 1], samples), networks.dtype)
    for start in range(0, samples, BLOCK):
        stop = min(start + BLOCK, samples)
        part = np.empty((widths[widths.size - 1], stop - start), networks.dtype)
        memory = np.empty((stop - start) * widths.sum(), networks.dtype)
        _values(memory, widths, 0, stop - start)[:] = inputs[start:stop]
        for network in range(len(networks)):
            _outputs(networks[network], widths, memory, part)
            found[network, :, start:stop] = part
    return found


@_compile
def _mix_soft_labels(labels: NDArray, logits: NDArray, soft: Any, coolness: Any) -> None:
    """Labels become dual labels, (1 - w) Y + w softmax(Z/T)."""
    samples, classes = labels.shape
    told = np.empty((classes, samples), labels.dtype)
    for k in range(classes):
        for i in range(samples):
            told[k, i] = coolness * logits[i, k]
    softmax(told, np.empty(samples, labels.dtype), np.empty(samples, labels.dtype))
    for k in range(classes):
        for i in range(samples):
            labels[i, k] += soft * (told[k, i] - labels[i, k])
