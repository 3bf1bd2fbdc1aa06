"""CIFAR-10 and CIFAR-100 from the pickles of their Python versions."""

from typing import Any

import numpy as np

from validation.data.images import Images, ImageSet
from validation.data.readers.files import Files
from validation.data.readers.pickles import read_pickle

SIZE, CHANNELS = 32, 3
TEN, HUNDRED = "cifar-10-batches-py", "cifar-100-python"
BATCH = 10_000
"""Images in each file of CIFAR-10, and in CIFAR-100's test."""
PAGE = "https://www.cs.toronto.edu/~kriz/cifar.html"
REMEDY_TEN = (
    f"get the Python version of CIFAR-10 from {PAGE} and unpack it so that the data's folder holds "
    f"{TEN}/ with data_batch_1 to data_batch_5, test_batch and batches.meta"
)
REMEDY_HUNDRED = (
    f"get the Python version of CIFAR-100 from {PAGE} and unpack it so that the data's folder "
    f"holds {HUNDRED}/ with train, test and meta"
)


def read_cifar10(files: Files) -> ImageSet:
    classes = _names(files, f"{TEN}/batches.meta", "label_names", 10)
    batches = [
        _images(files, f"{TEN}/data_batch_{number}", "labels", 10, BATCH) for number in range(1, 6)
    ]
    return ImageSet(
        name="CIFAR-10",
        training=Images(*map(np.concatenate, zip(*batches, strict=True))),
        test=_images(files, f"{TEN}/test_batch", "labels", 10, BATCH),
        classes=classes,
        checksums=files.checksums,
    )


def read_cifar100(files: Files, coarse: bool = False) -> ImageSet:
    """With the labels of 20 superclasses if `coarse`, of 100 classes otherwise."""
    kind, count = ("coarse", 20) if coarse else ("fine", 100)
    return ImageSet(
        name=f"CIFAR-100{', coarse labels' if coarse else ''}",
        classes=_names(files, f"{HUNDRED}/meta", f"{kind}_label_names", count),
        training=_images(files, f"{HUNDRED}/train", f"{kind}_labels", count, 5 * BATCH),
        test=_images(files, f"{HUNDRED}/test", f"{kind}_labels", count, BATCH),
        checksums=files.checksums,
    )


def _images(files: Files, name: str, key: str, classes: int, published: int) -> Images:
    """The images of one file, whose rows hold channel by channel, line by line."""
    found = read_pickle(files, name)
    rows = _entry(files, name, found, "data")
    if not isinstance(rows, np.ndarray) or rows.shape[1:] != (CHANNELS * SIZE * SIZE,):
        raise files.error(name, f"holds no rows of {CHANNELS} x {SIZE} x {SIZE} bytes")
    pixels = rows.reshape(-1, CHANNELS, SIZE, SIZE).transpose(0, 2, 3, 1)
    labels = _entry(files, name, found, key)
    return files.images(name, np.ascontiguousarray(pixels), labels, classes, published)


def _names(files: Files, name: str, key: str, count: int) -> tuple[str, ...]:
    names = _entry(files, name, read_pickle(files, name), key)
    if not isinstance(names, list) or len(names) != count:
        raise files.error(name, f"holds no list of {count} names")
    return tuple(str(item) for item in names)


def _entry(files: Files, name: str, found: dict[str, Any], key: str) -> Any:
    if key not in found:
        raise files.error(name, f"has no entry {key!r} (but {', '.join(found) or 'nothing'})")
    return found[key]
