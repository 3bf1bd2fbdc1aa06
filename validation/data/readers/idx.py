"""MNIST and data sets of its format: images and labels in idx files, packed by gzip or not."""

import gzip
import math
import zlib

import numpy as np
from numpy.typing import NDArray

from validation.data.images import Images, ImageSet
from validation.data.readers.files import Files

SIZE = 28
IMAGES, LABELS = "images-idx3-ubyte", "labels-idx1-ubyte"
LIES = f"train-{IMAGES}, train-{LABELS}, t10k-{IMAGES} and t10k-{LABELS}, each also as .gz"
REMEDY_MNIST = (
    "get MNIST from https://ossci-datasets.s3.amazonaws.com/mnist/ (once "
    "http://yann.lecun.com/exdb/mnist/) so that the data's folder holds MNIST/raw/ "
    f"with {LIES}"
)
REMEDY_FASHION = (
    "get Fashion-MNIST from https://github.com/zalandoresearch/fashion-mnist so that the data's "
    f"folder holds FashionMNIST/raw/ with {LIES}"
)
DIGITS = tuple("0123456789")
CLOTHES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
    "Ankle boot",
)  # fmt: skip


def read_mnist(files: Files) -> ImageSet:
    return _read(files, "MNIST", "MNIST/raw", DIGITS)


def read_fashion(files: Files) -> ImageSet:
    return _read(files, "Fashion-MNIST", "FashionMNIST/raw", CLOTHES)


def _read(files: Files, name: str, folder: str, classes: tuple[str, ...]) -> ImageSet:
    def part(begin: str, published: int) -> Images:
        images, labels = (f"{folder}/{begin}-{end}" for end in (IMAGES, LABELS))
        pixels = read_idx(files, images, (SIZE, SIZE))
        told = read_idx(files, labels, ())
        return files.images(images, pixels[..., None], told, len(classes), published, labels)

    return ImageSet(
        name=name,
        training=part("train", 60_000),
        test=part("t10k", 10_000),
        classes=classes,
        checksums=files.checksums,
    )


def read_idx(files: Files, name: str, each: tuple[int, ...]) -> NDArray[np.uint8]:
    """Bytes in the idx format: 0, 0, the type 8, the number of axes, their lengths, and the bytes.

    Parameters
    ----------
    files : Files
    name : str
        Below the folder, without .gz; where there are both files, the unpacked one is read.
    each : tuple of int
        Shape of one item.

    Returns
    -------
    uint8 array, shape (items, *each)
    """
    if not (files.folder / name).exists() and (files.folder / f"{name}.gz").exists():
        name += ".gz"
    content = files.read(name)
    if name.endswith(".gz"):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            raise files.error(name, "is cut short or not packed by gzip") from None
    axes = 1 + len(each)
    start = 4 * (1 + axes)
    if content[:4] != bytes((0, 0, 8, axes)) or len(content) < start:
        raise files.error(name, f"is no idx file of bytes with {axes} axes")
    shape = tuple(int(length) for length in np.frombuffer(content[4:start], ">u4"))
    if shape[1:] != each:
        raise files.error(name, f"holds images of {shape[1]} x {shape[2]}, not {SIZE} x {SIZE}")
    if len(content) != start + math.prod(shape):
        raise files.error(
            name, f"holds {len(content) - start} bytes where its head says {math.prod(shape)}"
        )
    # A copy, for what lies in `bytes` cannot be written to, which torch warns of.
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape).copy()
