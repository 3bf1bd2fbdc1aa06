"""The matrix H of labels and predictions, whose trace is an accuracy above chance."""

from dataclasses import dataclass, replace

import numpy as np

from mvtheory.arguments import Argument
from mvtheory.arrays import as_array
from mvtheory.distillation.labels import Labels, check_labels
from mvtheory.distillation.outputs import (
    Logits,
    blocks,
    check_logits,
    check_probabilities,
    softmax,
    without_absent,
)
from mvtheory.shapes import ArrayLike, Float, Floats, Numbers, Real

COLD = Argument("temperature", "gamma", "temperature of predictions, 0 for the largest", 0, 1e6)
CENTRES = ("uniform", "mean")
SQUARE = 11_585
"""Classes whose matrix of doubles takes 1 GiB."""


@dataclass(frozen=True)
class Rows:
    """Rows of probabilities, made of logits or of probabilities block by block."""

    array: Logits
    temperature: float | None

    def __getitem__(self, rows: slice) -> Float[Floats, "samples classes"]:
        if self.temperature is not None:
            return softmax(self.array[rows], self.temperature)
        block = np.asarray(self.array[rows], dtype=float)
        return np.asarray(block / block.sum(axis=1, keepdims=True))


Side = Rows | Labels
"""Labels or predictions: rows, or the classes of one-hot rows."""


def h_matrix(
    labels: ArrayLike,
    predictions: ArrayLike,
    temperature: float | None = None,
    label_temperature: float | None = None,
    centre: str = "uniform",
) -> Float[Floats, "classes classes"]:
    r"""H = (1/2N) sum over samples of [(y-c)(p-c')^T + its transpose], shape (K, K), float64.

    It takes 8 K^2 bytes, and twice as many again while it is made: beyond SQUARE classes it is
    refused if there are fewer samples than classes; `h_spectrum` has its eigenvalues without it.

    Symmetric; for the uniform centre its trace is E[y.p] - 1/K and the vector of ones is in its
    kernel. With hard labels and one-hot predictions 1/K + Tr H is the accuracy, and H is a
    symmetrised confusion matrix. Everything is read once in blocks of rows: (N, K) may be a
    memory map, and is never copied.

    Parameters
    ----------
    labels : array of int, shape (N,), or array, shape (N, K)
        Classes give H; rows give H^: probabilities, or logits if `label_temperature` is given.
        Classes without samples are allowed.
    predictions : array, shape (N, K)
        Probabilities, or logits if `temperature` is given. Rows of probabilities are divided by
        their sum, which half precision leaves off 1. Classes that all logits mask in every row are
        left out of H; probabilities of 0 mask nothing.
    temperature, label_temperature : float, optional
        Of the softmax, in [0, 1e6]; 0 puts all on the largest logit, the first if several.
    centre : str
        "uniform": c = c' = 1/K; "mean": the means of the labels and of the predictions, which
        makes H the symmetrised covariance.

    Raises
    ------
    ValueError
        For arrays and numbers outside these ranges, and for shapes that do not match.

    References
    ----------
    [darkknowledge2021]_, equations (5), (6) and, for the mean, the centring of (7) and (8).

    Examples
    --------
    >>> probabilities = [[0.7, 0.2, 0.1], [0.5, 0.3, 0.2], [0.1, 0.1, 0.8]]
    >>> matrix = h_matrix([0, 1, 2], probabilities)
    >>> print(matrix.round(4), f"{matrix.trace() + 1 / 3:.4f}")
    [[ 0.0889  0.0111 -0.1   ]
     [ 0.0111  0.0333 -0.0444]
     [-0.1    -0.0444  0.1444]] 0.6000
    """
    if centre not in CENTRES:
        raise ValueError(f"centre={centre!r} is not allowed (what labels and predictions are "
                         "measured from: 'uniform' or 'mean'); choose one of them")  # fmt: skip
    y, p, shape = check_sides(labels, predictions, temperature, label_temperature)
    samples, classes = shape
    if classes > max(samples, SQUARE):
        raise ValueError(
            f"predictions of {samples} samples and {classes} classes are not allowed (N >= K, or "
            f"K <= {SQUARE}): H would take {8 * classes**2 / 2**30:.3g} GiB, far more than the "
            "outputs; take the eigenvalues of h_spectrum, which needs no matrix then"
        )
    return h_of_sides(y, p, shape, centre)


def check_sides(
    labels: ArrayLike,
    predictions: ArrayLike,
    temperature: float | None,
    label_temperature: float | None,
) -> tuple[Side, Side, tuple[int, int]]:
    """Labels and predictions of `h_matrix`, checked, and N and K without absent classes."""
    rows = _checked("predictions", predictions, "temperature", temperature)
    y = soft = None
    if as_array(labels, "labels").ndim == 1 and label_temperature is None:
        y = check_labels(labels, rows.shape[1], len(rows))
    else:
        soft = _checked("labels", labels, "label_temperature", label_temperature, rows.shape)
    if temperature is not None and (soft is None or label_temperature is not None):
        logits = {"predictions": rows} | ({} if soft is None else {"labels": soft})
        largest_used = max(1.0, temperature, label_temperature or 0)
        some = largest(rows) if y is None else y
        kept, (rows, *others) = without_absent(some, logits, largest_used)
        y, soft = (kept, None) if soft is None else (None, others[0])
    one = y if soft is None else side(soft, label_temperature)
    assert one is not None
    return one, side(rows, temperature), (len(rows), rows.shape[1])


def h_of_sides(
    y: Side, p: Side, shape: tuple[int, int], centre: str = "uniform"
) -> Float[Floats, "classes classes"]:
    """H of checked labels and predictions."""
    classes = shape[1]
    product = _mean_product(y, p, *shape)
    # Rows and columns of the product add up to the two means, since y and p have sum 1.
    one, other = product.sum(axis=1), product.sum(axis=0)
    if centre == "mean":
        product -= np.outer(one, other)
    else:
        product -= (one[:, None] + other - 1 / classes) / classes
    return np.asarray((product + product.T) / 2)


def _checked(
    name: str,
    value: ArrayLike,
    argument: str,
    temperature: float | None,
    like: tuple[int, ...] | None = None,
) -> Logits:
    if temperature is None:
        return check_probabilities(name, value, like)
    replace(COLD, name=argument).number(temperature)
    return check_logits(name, value, like)


def side(array: Logits, temperature: float | None) -> Side:
    """Rows, or classes at temperature 0."""
    return largest(array) if temperature == 0 else Rows(array, temperature)


def largest(array: Logits) -> Labels:
    """The class of the largest number of each row, the first if several."""
    chosen = np.empty(len(array), dtype=np.int64)
    for rows in blocks(*array.shape):
        chosen[rows] = array[rows].argmax(axis=1)
    return chosen


def _mean_product(y: Side, p: Side, samples: int, classes: int) -> Float[Floats, "classes classes"]:
    """The mean of y p^T over the samples, or of p y^T: H does not tell them apart."""
    if isinstance(y, Rows):
        y, p = p, y
    if not isinstance(y, Rows) and not isinstance(p, Rows):
        counts = np.bincount(y * classes + p, minlength=classes**2)
        return np.asarray(counts.reshape(classes, classes) / samples)
    total = np.zeros((classes, classes))
    for rows in blocks(samples, classes):
        if isinstance(y, Rows):
            total += y[rows].T @ p[rows]
        else:
            add_by_class(total, y[rows], p[rows])
    total /= samples
    return total


def add_by_class(
    total: Float[Floats, "groups classes"], chosen: Labels, block: Real[Numbers, "samples classes"]
) -> None:
    """Add each row of the block to the row of the total of its class."""
    from scipy import sparse

    # Only the classes that occur: a dense product would cost K times as much.
    present, index = np.unique(chosen, return_inverse=True)
    one_hot = sparse.csc_array(
        (np.ones(len(index)), index, np.arange(len(index) + 1)), shape=(len(present), len(index))
    )
    total[present] += one_hot @ block


def mean_overlap(one: Side, other: Side) -> float:
    """The mean of one.other over the samples."""
    if not isinstance(other, Rows):
        one, other = other, one
    if not isinstance(other, Rows):
        return float(np.mean(one == other))
    total = 0.0
    for rows in blocks(*other.array.shape):
        block = other[rows]
        if isinstance(one, Rows):
            total += float(np.vdot(one[rows], block))
        else:
            total += float(block[np.arange(len(block)), one[rows]].sum())
    return total / len(other.array)
