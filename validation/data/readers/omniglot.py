"""Omniglot: characters of many alphabets, each drawn once by 20 people."""

import hashlib
import io
import re

import numpy as np
from numpy.typing import NDArray

from validation.data.images import ImageSet
from validation.data.readers.files import Files

FOLDER = "omniglot-py"
SIZE = 105
DRAWERS, TRAINED = 20, 15
"""People who drew every character, and those of them whose drawings are trained on."""
NUMBER = re.compile(r"_(\d\d)\.png")
"""The drawer's, at the end of a file's name."""
REMEDY = (
    "get Omniglot from https://github.com/brendenlake/omniglot and unpack images_background.zip "
    f"and images_evaluation.zip, or one of them, so that the data's folder holds {FOLDER}/"
    "images_background/ALPHABET/CHARACTER/NUMBER_DRAWER.png"
)


def read_omniglot(files: Files) -> ImageSet:
    """Drawers 1 to 15 to train on, 16 to 20 to test with; a class is a folder that holds images."""
    places: dict[str, list[str]] = {}
    for path in sorted((files.folder / FOLDER).rglob("*.png")):
        below = path.relative_to(files.folder)
        places.setdefault(below.parent.as_posix(), []).append(below.as_posix())
    if not places:
        raise files.error(FOLDER, "is missing or holds no images")
    pixels, labels, drawers = [], [], []
    for label, (place, names) in enumerate(places.items()):
        for name in names:
            pixels.append(_drawing(files, name))
            labels.append(label)
            drawers.append(_drawer(files, name))
        drawn = drawers[-len(names) :]
        if len(set(drawn)) < len(drawn):
            raise files.error(place, "holds two drawings of one drawer")
        if len(drawn) < DRAWERS and not files.partial:
            raise files.error(place, files.short(len(drawn), DRAWERS))
    whole = files.images(FOLDER, np.stack(pixels)[..., None], labels, len(places), None)
    known = np.array(drawers) <= TRAINED
    # Of tens of thousands of small files, one checksum for all.
    told = "".join(f"{value}  {name}\n" for name, value in sorted(files.checksums.items()))
    return ImageSet(
        name="Omniglot",
        training=whole.take(known),
        test=whole.take(~known),
        classes=tuple(re.sub(f"^{FOLDER}/(images_[^/]*/)?", "", place) for place in places),
        checksums={FOLDER: hashlib.md5(told.encode(), usedforsecurity=False).hexdigest()},
    )


def _drawing(files: Files, name: str) -> NDArray[np.uint8]:
    """Ink is 0, paper 255."""
    try:
        from PIL import Image
    except ImportError:
        raise _no_pillow() from None
    content = files.read(name)
    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
            size = image.size
            if size == (SIZE, SIZE):  # so that nothing larger is ever unpacked
                return np.asarray(image.convert("L"))
    except Exception:  # Pillow raises whatever its decoders do
        raise files.error(name, "is cut short or no PNG image") from None
    raise files.error(name, f"is an image of {size[1]} x {size[0]}, not {SIZE} x {SIZE}")


def _no_pillow() -> ValueError:
    return ValueError("Omniglot's drawings need Pillow, which is not installed; "
                      "pip install 'mvtheory[validation]'")  # fmt: skip


def _drawer(files: Files, name: str) -> int:
    found = NUMBER.search(name)
    number = int(found[1]) if found else 0
    if not 1 <= number <= DRAWERS:
        raise files.error(name, f"names no drawer from 01 to {DRAWERS}, as 0709_01.png does")
    return number
