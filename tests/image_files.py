"""Tiny data sets in torchvision's layout, written to be read."""

import gzip
import io
import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from validation.data.images import Images

HUNDRED, TEN = "cifar-100-python", "cifar-10-batches-py"
MNIST, FASHION, OMNIGLOT = "MNIST/raw", "FashionMNIST/raw", "omniglot-py/images_background"
PARTS = {"train": "train", "test": "t10k"}


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def drawn(count: int, size: int, channels: int, classes: int, seed: int = 0) -> Images:
    """Images of noise with random labels."""
    rng = np.random.default_rng([seed, count])
    shape = (count, size, size, channels)
    return Images(rng.integers(256, size=shape).astype(np.uint8), rng.integers(classes, size=count))


def rows(images: Images) -> np.ndarray:
    """As CIFAR lays them out: channel by channel."""
    return np.ascontiguousarray(images.pixels.transpose(0, 3, 1, 2).reshape(len(images.labels), -1))


def cifar10(folder: Path, protocol: int = 2) -> tuple[Images, Images]:
    """Five batches of four images and a test of six; returns what they hold."""
    batches = [drawn(4, 32, 3, 10, seed) for seed in range(1, 6)]
    test = drawn(6, 32, 3, 10)
    for name, images in [*((f"data_batch_{n + 1}", b) for n, b in enumerate(batches)),
                         ("test_batch", test)]:  # fmt: skip
        held = {"batch_label": name, "labels": images.labels.tolist(), "data": rows(images),
                "filenames": [f"{n}.png" for n in images.labels]}  # fmt: skip
        put(folder / TEN / name, pickle.dumps(held, protocol))
    names = {"label_names": [f"name {n}" for n in range(10)], "num_cases_per_batch": 4}
    put(folder / TEN / "batches.meta", pickle.dumps(names, protocol))
    return Images(*map(np.concatenate, zip(*batches, strict=True))), test


def cifar100(folder: Path, protocol: int = 2, **changes: Any) -> tuple[Images, Images]:
    """Coarse labels are the fine ones modulo 20; `changes` are made to the entries of train."""
    parts = {"train": drawn(12, 32, 3, 100), "test": drawn(7, 32, 3, 100)}
    for name, images in parts.items():
        held = {"data": rows(images), "fine_labels": images.labels.tolist(),
                "coarse_labels": (images.labels % 20).tolist()}  # fmt: skip
        held |= changes if name == "train" else {}
        put(folder / HUNDRED / name, pickle.dumps(held, protocol))
    names = {"fine_label_names": [f"fine {n}" for n in range(100)],
             "coarse_label_names": [f"coarse {n}" for n in range(20)]}  # fmt: skip
    put(folder / HUNDRED / "meta", pickle.dumps(names, protocol))
    return parts["train"], parts["test"]


def python2_pickle(pixels: np.ndarray, labels: list[int], key: str) -> bytes:
    """As the published files are written: by Python 2 and its numpy, strings of one byte a letter.

    By hand, opcode for opcode, for no Python 3 writes this any more.
    """

    def text(value: str) -> bytes:
        return b"U" + bytes([len(value)]) + value.encode()

    array = (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\nt" + text("b") + b"tR"
        b"(I1\n(" + b"".join(b"I%d\n" % length for length in pixels.shape) + b"t"
        b"cnumpy\ndtype\n(" + text("u1") + b"I0\nI1\ntR"
        b"(I3\n" + text("|") + b"NNNI-1\nI-1\nI0\ntb"
        b"I00\nT" + struct.pack("<I", pixels.size) + pixels.tobytes() + b"tb"
    )
    numbers = b"](" + b"".join(b"K" + bytes([label]) for label in labels) + b"e"
    entries = text("data") + array + text(key) + numbers
    return b"\x80\x02}(" + entries + b"u."


def idx(value: np.ndarray) -> bytes:
    head = struct.pack(">HBB", 0, 8, value.ndim) + struct.pack(f">{value.ndim}I", *value.shape)
    return head + value.tobytes()


def mnist(folder: Path, raw: str = MNIST, packed: bool = False) -> tuple[Images, Images]:
    parts = {"train": drawn(9, 28, 1, 10), "test": drawn(5, 28, 1, 10)}
    for part, images in parts.items():
        begin = folder / raw / PARTS[part]
        for end, value in (("images-idx3-ubyte", images.pixels[..., 0]),
                           ("labels-idx1-ubyte", images.labels.astype(np.uint8))):  # fmt: skip
            content = idx(value)
            name = f"{begin}-{end}{'.gz' if packed else ''}"
            put(Path(name), gzip.compress(content) if packed else content)
    return parts["train"], parts["test"]


def png(value: np.ndarray) -> bytes:
    """Black and white of one bit a pixel, as Omniglot's are."""
    file = io.BytesIO()
    Image.fromarray(value).convert("1").save(file, "PNG")
    return file.getvalue()


def omniglot(folder: Path, drawers: int = 20) -> dict[str, np.ndarray]:
    """Three characters of two alphabets; returns the drawings of each, in the drawers' order."""
    found = {}
    for number, place in enumerate(("Greek/character01", "Greek/character02", "Latin/character01")):
        rng = np.random.default_rng(number)
        ink = 255 * rng.integers(2, size=(drawers, 105, 105)).astype(np.uint8)
        for drawer in range(drawers):
            name = f"{number:04d}_{drawer + 1:02d}.png"
            put(folder / OMNIGLOT / place / name, png(ink[drawer]))
        found[place] = ink
    return found


def archive(folder: Path, **changes: Any) -> tuple[Images, Images]:
    """own.npz, of three classes; an entry that is changed to None is left out."""
    training, test = drawn(30, 8, 3, 3), drawn(10, 8, 3, 3)
    held = {"x_train": training.pixels, "y_train": training.labels,
            "x_test": test.pixels, "y_test": test.labels} | changes  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "own.npz", **{key: value for key, value in held.items() if value is not None})
    return training, test


WRITERS = {
    "cifar-10": cifar10, "cifar-100": cifar100, "mnist": mnist,
    "fashion-mnist": lambda folder: mnist(folder, FASHION), "omniglot": omniglot,
    "own.npz": archive,
}  # fmt: skip
"""By the names under which the sets are loaded."""
