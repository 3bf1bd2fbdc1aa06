"""Labels as people have them: numbers of classes, one-hot rows, names; samples to be ignored."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mvtheory.arrays import as_array
from mvtheory.shapes import ArrayLike, Int, Integers, Numbers, Shaped

Labels = Int[Integers, " samples"]
IGNORED = -100
"""Label of samples that PyTorch's losses leave out."""
SORTED = "sorted"
"""In place of names: those of the labels, in sorted order."""


def check_labels(labels: ArrayLike, classes: int, rows: int | None = None) -> Labels:
    """Labels as whole numbers in [0, classes), shape (N,); ValueError otherwise.

    One-hot rows, shape (N, classes), are labels too.
    """
    array = as_array(labels, "labels")
    allowed = f"one whole number from 0 to {classes - 1} a sample, shape (N,)"
    if is_one_hot(array, classes):
        array = array.argmax(axis=1)
    if array.ndim != 1 or not array.size:
        raise ValueError(
            f"labels of shape {array.shape} are not allowed ({allowed}, or one-hot rows, shape "
            f"(N, {classes})); give the number of each sample's class, labels.argmax(axis=1), or "
            "labels.ravel() of one column"
        )
    whole = array.dtype.kind == "f" and np.array_equal(array, np.floor(array))
    if array.dtype.kind not in "iu" and not whole:
        raise ValueError(f"labels of type {array.dtype} are not allowed ({allowed}); "
                         "give whole numbers, of names np.unique(labels, return_inverse=True)[1] "
                         "if the outputs have the classes in sorted order")  # fmt: skip
    bad = (array < 0) | (array >= classes)
    if bad.any():
        row = int(np.argmax(bad))
        if (array == IGNORED).any():
            row = int(np.argmax(array == IGNORED))
            remedy = (f"{IGNORED} is PyTorch's index of samples to be ignored: drop these from the "
                      f"labels and all outputs, keep = labels != {IGNORED}")  # fmt: skip
        else:
            remedy = ("count the classes from 0 (labels - labels.min()), drop samples without a "
                      "label, and check that labels and outputs belong to the same problem"
                      )  # fmt: skip
        raise ValueError(f"labels[{row}]={array[row]} is not allowed ({allowed}); {remedy}")
    if rows is not None and array.size != rows:
        raise ValueError(f"labels has {array.size} samples, the outputs have {rows}; give the "
                         "same samples in the same order")  # fmt: skip
    return array.astype(np.int64)


def is_one_hot(array: Shaped[Numbers, " *further"], classes: int) -> bool:
    """Whether each row has one 1 among zeros.

    >>> is_one_hot(np.eye(3)[[2, 0]], 3), is_one_hot(np.array([[0.5, 0.5]]), 2)
    (True, False)
    """
    if array.ndim != 2 or array.shape[1] != classes or array.dtype.kind not in "biuf":
        return False
    ones = array == 1
    return bool((ones.sum(axis=1) == 1).all() and ((array == 0) | ones).all())


def numbered(labels: ArrayLike, classes: Sequence[Any] | str | None, shape: tuple[int, ...]) -> Any:
    """Labels that are names as numbers of classes; others as they are.

    Parameters
    ----------
    labels : array_like, shape (N,)
    classes : sequence, "sorted" or None
        The names in the order of the outputs' columns; "sorted" for the sorted names of the labels.
    shape : tuple of int
        Of the outputs, (N, K), if there are names.

    Examples
    --------
    >>> numbered(["dog", "cat", "dog"], classes=["dog", "cat", "eel"], shape=(3, 3))
    array([0, 1, 0])
    """
    array = as_array(labels, "labels")
    if classes is None:
        if array.dtype.kind in "USO" and array.size:
            raise ValueError(
                f"labels of type {array.dtype} are names, such as {array.flat[0]!r}, of classes "
                "whose order is not known; give classes=, the names in the order of the outputs' "
                'columns, or classes="sorted" if that is sorted'
            )
        return array
    is_sorted = isinstance(classes, str) and classes == SORTED
    names = np.unique(array) if is_sorted else as_array(classes, "classes")
    if names.ndim != 1 or len(np.unique(names)) < names.size:
        raise ValueError(f"classes={classes!r} is not allowed (one name a class, each once, or "
                         f"{SORTED!r}); give a flat list of names")  # fmt: skip
    columns = shape[-1] if shape else 0
    if names.size != columns:
        raise ValueError(f"classes={classes!r} are {names.size} names, the outputs have {columns} "
                         "classes; give classes= all names, in the order of the outputs' columns"
                         )  # fmt: skip
    order = np.argsort(names)
    place = np.searchsorted(names[order], array).clip(max=names.size - 1)
    number = order[place]
    unknown = names[number] != array
    if unknown.any():
        raise ValueError(
            f"labels[{int(unknown.argmax())}]={array[unknown][0].item()!r} is not allowed (one of "
            f"the {names.size} names in classes); give all names, or drop that sample; a header of "
            "a file is left out where it is named, as labels.csv:label"
        )
    return number


def counted(labels: ArrayLike, ignore_index: Any) -> Int[Integers, " kept"]:
    """Which samples are not to be ignored, by their indices.

    >>> counted([2, -100, 0], ignore_index=-100)
    array([0, 2])
    """
    array = as_array(labels, "labels")
    if array.ndim != 1:
        raise ValueError(f"ignore_index={ignore_index!r} is not allowed with labels of shape "
                         f"{array.shape} (one label a sample); give labels.reshape(-1), and the "
                         "outputs of the same samples")  # fmt: skip
    kept = np.flatnonzero(array != ignore_index)
    if not kept.size:
        raise ValueError(f"ignore_index={ignore_index!r} leaves no sample (at least one other "
                         "label); give the label of those to be left out")  # fmt: skip
    return kept
