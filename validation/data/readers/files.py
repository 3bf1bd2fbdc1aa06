"""The files of one data set in a folder: read, noted and found wanting."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from validation.data.images import Images


class Files:
    """Files of a data set below a folder.

    Parameters
    ----------
    folder : Path
    remedy : str
        What to do where a file is missing or spoilt: where it is had and how it must lie.
    partial : bool
        Whether fewer images than are published will do.

    Attributes
    ----------
    checksums : dict of str to str
        MD5, by which such files are published, of every file read so far.
    """

    def __init__(self, folder: Path, remedy: str, partial: bool = False) -> None:
        self.folder, self.remedy, self.partial = folder, remedy, partial
        self.checksums: dict[str, str] = {}

    def read(self, name: str) -> bytes:
        """All of a file, by its path below the folder."""
        try:
            content = (self.folder / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise self.error(name, "is missing") from None
        except OSError as error:
            raise self.error(name, f"cannot be read ({error.strerror})") from None
        self.checksums[name] = hashlib.md5(content, usedforsecurity=False).hexdigest()
        return content

    def error(self, name: str, reason: str) -> ValueError:
        """What is wrong with a file, and what to do about it, in one line."""
        return ValueError(f"{self.folder / name} {reason}; {self.remedy}")

    def short(self, count: int, published: int) -> str:
        """The reason where some images are missing."""
        return f"holds {count} of {published} images (where a part will do, give partial=True)"

    def images(
        self,
        name: str,
        pixels: NDArray[np.uint8],
        labels: Any,
        classes: int,
        published: int | None,
        of_labels: str = "",
    ) -> Images:
        """What a file holds as images, if there are as many as labels and as are published.

        `published` None means any number, 1 at least; `of_labels` is the labels' file, if they have
        their own.
        """
        told, count = np.asarray(labels), len(pixels)
        if told.ndim != 1 or told.dtype.kind not in "iu" or not told.size:
            raise self.error(of_labels or name, "holds no list of whole labels")
        if len(told) != count:
            where = f"{Path(of_labels).name} " if of_labels else ""
            raise self.error(name, f"holds {count} images and {where}{len(told)} labels")
        if not 0 <= told.min() <= told.max() < classes:
            outside = told[(told < 0) | (told >= classes)][0]
            raise self.error(
                of_labels or name, f"holds the label {outside} (0 to {classes - 1} are allowed)"
            )
        if published is not None and count > published:
            raise self.error(name, f"holds {count} images, more than the {published} published")
        if published is not None and count < published and not self.partial:
            raise self.error(name, self.short(count, published))
        return Images(pixels, told.astype(np.int64))
