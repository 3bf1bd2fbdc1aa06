"""Images of your own from a .npz archive."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from validation.data.images import ImageSet
from validation.data.readers.files import Files

ENTRIES = ("x_train", "y_train", "x_test", "y_test")
REMEDY = (
    "save images, uint8 of shape (N, height, width) or (N, height, width, channels), and whole "
    "labels 0 to K - 1, of shape (N,) and each of them in y_train, by np.savez(path, x_train=..., "
    "y_train=..., x_test=..., y_test=...)"
)


def read_archive(files: Files, name: str) -> ImageSet:
    """Classes are the labels from 0 to the largest, each of which y_train must hold.

    Other entries of the archive are not read.
    """
    content = files.read(name)
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            found = {key: archive[key] for key in ENTRIES if key in archive.files}
    except Exception:  # an archive is spoilt in more ways than numpy and zipfile name
        raise files.error(name, "is cut short, no .npz archive or one of objects") from None
    for key in ENTRIES:
        if key not in found:
            raise files.error(name, f"has no entry {key}")
    x, more = (_pixels(files, name, key, found[key]) for key in ("x_train", "x_test"))
    if x.shape[1:] != more.shape[1:]:
        raise files.error(name, f"holds images of {x.shape[1:]} and {more.shape[1:]} in its parts")
    training = files.images(name, x, found["y_train"], len(x), None)
    classes = len(np.unique(training.labels))
    if training.labels.max() >= classes:
        raise files.error(name, f"holds labels up to {training.labels.max()} in y_train, but only "
                          f"{classes} different ones")  # fmt: skip
    test = files.images(name, more, found["y_test"], classes, None)
    return ImageSet(
        name=name, training=training, test=test,
        classes=tuple(map(str, range(classes))), checksums=files.checksums,
    )  # fmt: skip


def _pixels(files: Files, name: str, key: str, value: NDArray[Any]) -> NDArray[np.uint8]:
    if value.dtype != np.uint8 or value.ndim not in (3, 4) or not value.size:
        raise files.error(name, f"holds {key} as {value.dtype} of shape {value.shape}")
    return value if value.ndim == 4 else value[..., None]
