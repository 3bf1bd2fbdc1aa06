"""Errors of images: files that are spoilt, and the originals put back; part of `of_validation`."""

import gzip
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from remedy import Remedy

from tests import image_files as write
from validation.data import (
    DrawnFigures,
    ImageProblem,
    Images,
    ImageSet,
    as_channels_first,
    block_mean,
    load,
)
from validation.data.folder import VARIABLE

TRAIN, META = f"{write.HUNDRED}/train", f"{write.HUNDRED}/meta"
PIXELS, LABELS = (f"{write.MNIST}/t10k-{end}-ubyte" for end in ("images-idx3", "labels-idx1"))
GREEK = f"{write.OMNIGLOT}/Greek/character02"
GREY = np.zeros((10, 8, 8, 1), np.uint8)
Spoil = Callable[[Path], Any]


def read(name: str, spoil: Spoil | None = None, part: bool = True) -> ImageSet:
    """A tiny set, spoilt or not, in a folder of its own."""
    folder = Path(tempfile.mkdtemp())
    write.WRITERS[name](folder)
    if spoil is not None:
        spoil(folder)
    return load(name, folder, partial=part)


def spoilt(name: str, says: str, spoil: Spoil) -> Remedy:
    """The original put back, the set is read."""
    return Remedy(partial(read, name, spoil), says, partial(read, name))


def asked(training: int) -> None:
    """A problem of so many images of a set that has 30."""
    folder = Path(tempfile.mkdtemp())
    write.archive(folder)
    problem = ImageProblem(source="own.npz", size=8, training_samples=training, test_samples=5)
    with patch.dict(os.environ, {VARIABLE: str(folder)}):
        problem.sample(np.random.SeedSequence(0))


def holds(name: str, content: bytes) -> Spoil:
    return lambda folder: write.put(folder / name, content)


def lost(name: str) -> Spoil:
    return lambda folder: (folder / name).unlink()


def cut(name: str, count: int) -> Spoil:
    """Without its last bytes."""
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:-count])


# CIFAR's pickles.


def cifar(says: str, **changes: Any) -> Remedy:
    return spoilt(
        "cifar-100",
        f"{says}; get the Python version of CIFAR-100 from https://",
        lambda folder: write.cifar100(folder, **changes),
    )


def pickled(says: str, value: Any, name: str = TRAIN) -> Remedy:
    return spoilt("cifar-100", f"{says}.*; get the Python", holds(name, pickle.dumps(value, 4)))


def other_array() -> bytes:
    """As numpy writes one by columns, which is said by a 2 here."""
    content = pickle.dumps({"data": np.zeros((2, 2), np.uint8)}, 4)
    state = b"\x89C\x04"
    assert content.count(state) == 1
    return content.replace(state, b"K\x02C\x04")


def a_folder_in_its_place(folder: Path) -> None:
    (folder / TRAIN).unlink()
    (folder / TRAIN).mkdir()


# MNIST's idx files.


def mnist(says: str, name: str, value: np.ndarray) -> Remedy:
    return spoilt("mnist", f"{says}.*; get MNIST from https://", holds(name, write.idx(value)))


def too_many(folder: Path) -> None:
    write.put(folder / PIXELS, write.idx(np.zeros((10_001, 28, 28), np.uint8)))
    write.put(folder / LABELS, write.idx(np.zeros(10_001, np.uint8)))


def badly_packed(folder: Path) -> None:
    content = (folder / PIXELS).read_bytes()
    (folder / PIXELS).unlink()
    write.put(folder / f"{PIXELS}.gz", gzip.compress(content)[:-9])


def of_mnist(given: bool) -> ImageSet:
    folder = Path(tempfile.mkdtemp())
    write.mnist(folder)
    with patch.dict("os.environ"):
        os.environ.pop("MVTHEORY_DATA", None)
        return load("mnist", folder if given else None, partial=True)


# Omniglot's drawings, archives, and what is made of images.


def drawings(drawers: int) -> Spoil:
    def again(folder: Path) -> None:
        shutil.rmtree(folder / write.OMNIGLOT)
        write.omniglot(folder, drawers)

    return again


def omniglot(says: str, spoil: Spoil) -> Remedy:
    return spoilt("omniglot", f"{says}.*; get Omniglot from https://", spoil)


def copied(name: str) -> Spoil:
    """One drawing more, under another name."""
    return lambda folder: shutil.copy(folder / GREEK / "0001_07.png", folder / name)


def without_pillow() -> None:
    folder = Path(tempfile.mkdtemp())
    write.omniglot(folder)
    with patch.dict("sys.modules", {"PIL": None}):
        load("omniglot", folder)


def own(says: str, **changes: Any) -> Remedy:
    return spoilt(
        "own.npz", f"{says}; save images, uint8", lambda folder: write.archive(folder, **changes)
    )


def standardised(*channels: int) -> Any:
    """Of images whose second channel is black."""
    pixels = write.drawn(20, 4, 3, 2).pixels * np.array([1, 0, 1], np.uint8)
    part = Images(pixels[..., channels], np.zeros(20, np.int64))
    return as_channels_first(ImageSet(name="own", training=part, test=part, classes=("a",)))


def each(make: Callable[..., Any], says: str, **cases: tuple[Any, Any]) -> list[Remedy]:
    return [
        Remedy(partial(make, **{name: wrong}), f"{name}=.*{says}", partial(make, **{name: right}))
        for name, (wrong, right) in cases.items()
    ]


def view(view: int) -> Any:
    return DrawnFigures().view_only(view, 2, np.random.default_rng(0))


IMAGES = [
    # folder.py
    Remedy(
        lambda: load("cifar"),
        "choose one of cifar-10, .* or the path of a .npz archive",
        partial(read, "cifar-10"),
    ),
    Remedy(lambda: load("mnist", coarse=True), "leave it out", partial(read, "mnist")),
    Remedy(
        partial(of_mnist, given=False),
        "give the folder of your data",
        partial(of_mnist, given=True),
    ),
    # files.py
    spoilt("cifar-100", "train is missing; get the Python version", lost(TRAIN)),
    spoilt("cifar-100", "train cannot be read .*; get the Python", a_folder_in_its_place),
    cifar("holds no list of whole labels", fine_labels="12"),
    cifar("holds 12 images and 2 labels", fine_labels=[1, 2]),
    cifar(r"holds the label 100 \(0 to 99 are allowed\)", fine_labels=[*range(11), 100]),
    cifar(r"holds the label -1 \(0 to 99 are allowed\)", fine_labels=[*range(11), -1]),
    spoilt("mnist", "holds 10001 images, more than the 10000 published; get", too_many),
    Remedy(
        partial(read, "mnist", part=False),
        "holds 9 of 60000 images .where a part will do, give partial=True.; get MNIST",
        partial(read, "mnist", part=True),
    ),
    # pickles.py
    pickled("holds a list in place of a dictionary, which is no part of images", [1]),
    pickled("holds builtins.print, which is no part of images", print),
    pickled("holds a type of numbers other than bytes, which", {"data": np.zeros(2)}),
    pickled("holds the name of a type of numbers, which", {"data": np.dtype}),
    pickled("holds a float, which is no part of images", {"data": 0.5}),
    spoilt("cifar-100", "holds an array other than of bytes, which", holds(TRAIN, other_array())),
    spoilt("cifar-100", "is cut short or no pickle; get", holds(TRAIN, b"\x80\x02}")),
    # cifar.py
    cifar("holds no rows of 3 x 32 x 32 bytes", data=np.zeros((12, 784), np.uint8)),
    pickled("holds no list of 100 names", {"fine_label_names": ["apple"]}, META),
    pickled("has no entry 'data' .but labels.", {"labels": [1]}),
    # idx.py
    spoilt("mnist", "is cut short or not packed by gzip; get MNIST", badly_packed),
    mnist("is no idx file of bytes with 1 axes", LABELS, np.zeros((5, 1), np.uint8)),
    mnist(
        "labels-idx1-ubyte holds the label 10 .0 to 9 are allowed", LABELS, np.full(5, 10, np.uint8)
    ),
    mnist(
        "images-idx3-ubyte holds 5 images and t10k-labels-idx1-ubyte 4 labels",
        LABELS,
        np.zeros(4, np.uint8),
    ),
    mnist("holds images of 32 x 32, not 28 x 28", PIXELS, np.zeros((5, 32, 32), np.uint8)),
    spoilt("mnist", "holds 3 bytes where its head says 5; get", cut(LABELS, 2)),
    # omniglot.py
    omniglot("is missing or holds no images", lambda f: shutil.rmtree(f / write.OMNIGLOT)),
    omniglot("holds two drawings of one drawer", copied(f"{GREEK}/0003_07.png")),
    Remedy(
        partial(read, "omniglot", drawings(3), part=False),
        "holds 3 of 20 images .where a part will do, give partial=True.; get Omniglot",
        partial(read, "omniglot", drawings(3), part=True),
    ),
    Remedy(without_pillow, r"pip install 'mvtheory\[validation\]'", partial(read, "omniglot")),
    omniglot("is cut short or no PNG image", cut(f"{GREEK}/0001_07.png", 500)),
    omniglot(
        "is an image of 28 x 28, not 105 x 105",
        holds(f"{GREEK}/0001_07.png", write.png(np.zeros((28, 28), np.uint8))),
    ),
    omniglot("names no drawer from 01 to 20, as 0709_01.png does", copied(f"{GREEK}/1_21.png")),
    # archive.py
    spoilt("own.npz", "is cut short, no .npz archive or one of objects; save", cut("own.npz", 99)),
    own("is cut short, no .npz archive or one of objects", y_test=np.array([None])),
    own("has no entry x_test", x_test=None),
    own(r"holds images of \(8, 8, 3\) and \(8, 8, 1\) in its parts", x_test=GREY),
    own(r"holds x_train as float64 of shape \(30, 8, 8, 3\)", x_train=np.zeros((30, 8, 8, 3))),
    own(
        "holds labels up to 7 in y_train, but only 2 different ones", y_train=np.arange(30) % 2 * 7
    ),
    own("holds no list of whole labels", y_train=np.zeros((30, 1), np.int64)),
    # images.py
    Remedy(partial(standardised, 0, 1), "leave this channel out", partial(standardised, 0, 2)),
    *each(partial(block_mean, GREY), "choose one in this range", size=(9, 8)),
    *each(partial(block_mean, GREY), "choose one in this range", size=(0, 1)),
    # problem.py
    Remedy(partial(asked, 31), "at most 30, its images.; ask for fewer", partial(asked, 30)),
    # drawn.py
    *each(
        DrawnFigures, "choose one in this range", classes=(11, 10), size=(11, 12), noise=(1.5, 1.0)
    ),
    *each(DrawnFigures, "give one for each view", presence=((0.5, 0.5), (0.5, 0.5, 0.5))),
    *each(DrawnFigures, "not all 0", presence=((0.0, 0.0, 0.0), (0.0, 0.0, 0.1))),
    *each(view, "choose one of these", view=(3, 2)),
]
