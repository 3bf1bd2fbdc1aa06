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

from validation.training.compiled import kept

METHODS = ("sgd", "momentum", "adam")
SGD, MOMENTUM, ADAM = range(3)
BLOCK = 256
"""Samples whose activations are worked out together when trained networks are asked."""

_entry = kept()
_compile = njit(error_model="numpy")
_inlined = njit(error_model="numpy", inline="always")
"""For what the entries call. They stand in this file: numba's cache, which spares all but the first
run some seconds, looks at the file of the entry alone.

What is called in one place is inlined: a function of its own goes through the optimiser by itself
and once more within each that calls it, which is most of those seconds."""


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
        total[i] = 0
    for k in range(1, classes):
        row = z[k]
        for i in range(samples):
            # In this order what is not a number stays so.
            largest[i] = largest[i] if row[i] <= largest[i] else row[i]
    for k in range(classes):
        row = z[k]
        for i in range(samples):
            row[i] = exp(row[i] - largest[i])
            total[i] += row[i]
    for i in range(samples):
        total[i] = z.dtype.type(1) / total[i]
    for k in range(classes):
        row = z[k]
        for i in range(samples):
            row[i] *= total[i]


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


@_inlined
def _gather(inputs: NDArray, chosen: NDArray, memory: NDArray) -> None:
    """Put chosen samples where the memory of values begins."""
    width = inputs.shape[1]
    for i in range(chosen.size):
        row, to = inputs[chosen[i]], memory[i * width : (i + 1) * width]
        for j in range(width):
            to[j] = row[j]


@_inlined
def _bend(values: NDArray, bias: NDArray) -> None:
    """Add the bias and set to 0 what is below."""
    zero = values.dtype.type(0)
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            value = values[i, j] + bias[j]
            values[i, j] = zero if value <= zero else value


@_inlined
def _gate(slopes: NDArray, values: NDArray, total: NDArray) -> None:
    """Set to 0 the slopes of neurons that are at 0, and sum the others over the samples."""
    zero = values.dtype.type(0)
    total[:] = 0
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            slope = zero if values[i, j] <= zero else slopes[i, j]
            slopes[i, j] = slope
            total[j] += slope


@_inlined
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


@_inlined
def _outputs(vector: NDArray, widths: NDArray, memory: NDArray, outputs: NDArray) -> None:
    """Logits, shape (classes, samples), on the inputs that the memory of values begins with."""
    samples, last = outputs.shape[1], widths.size - 2
    for layer in range(last):
        weights, bias = _layer(vector, widths, layer)
        following = _values(memory, widths, layer + 1, samples)
        np.dot(_values(memory, widths, layer, samples), weights, following)
        _bend(following, bias)
    weights, bias = _layer(vector, widths, last)
    np.dot(weights, _values(memory, widths, last, samples).T, outputs)
    for k in range(outputs.shape[0]):
        for i in range(samples):
            outputs[k, i] += bias[k]


@_inlined
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


@_inlined
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


@_inlined
def _mix(targets: NDArray, logits: NDArray, soft: Any, coolness: Any, labels: NDArray) -> None:
    """Fill in dual labels, (1 - w) Y + w softmax(Z/T), shape (samples, classes)."""
    samples, classes = labels.shape
    # Not `labels[:] = targets`: with it numba compiles the words of an error about shapes, which
    # takes longer than all else here.
    for i in range(samples):
        row, given = labels[i], targets[i]
        for k in range(classes):
            row[k] = given[k]
    if soft > 0:
        told = np.empty((classes, samples), labels.dtype)
        for k in range(classes):
            row = told[k]
            for i in range(samples):
                row[i] = coolness * logits[i, k]
        softmax(told, np.empty(samples, labels.dtype), np.empty(samples, labels.dtype))
        for i in range(samples):
            row = labels[i]
            for k in range(classes):
                row[k] += soft * (told[k, i] - row[k])


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
    room = 0
    for width in widths:
        room += batch * width
    memory, slopes = np.empty(room, dtype), np.empty(room, dtype)
    outputs, cooled = np.empty((classes, batch), dtype), np.empty((classes, batch), dtype)
    largest, total = np.empty(batch, dtype), np.empty(batch, dtype)
    wanted, ones = np.empty((samples, classes), dtype), np.empty(batch, dtype)
    ones[:] = 1
    for network in range(count):
        vector = networks[network]
        mean[:] = 0
        square[:] = 0
        soft, coolness = soft_weight[network], dtype.type(1) / temperature[network]
        _mix(targets, logits, soft, coolness, wanted)
        for step in range(steps):
            chosen = order[step, network // (count // orders)]
            _gather(inputs, chosen, memory)
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
        room = 0
        for width in widths:
            room += (stop - start) * width
        memory = np.empty(room, networks.dtype)
        for i in range(stop - start):
            for j in range(widths[0]):
                memory[i * widths[0] + j] = inputs[start + i, j]
        for network in range(len(networks)):
            _outputs(networks[network], widths, memory, part)
            for k in range(part.shape[0]):
                for i in range(stop - start):
                    found[network, k, start + i] = part[k, i]
    return found
