"""Image data sets by name, from a folder in torchvision's layout."""

import os
from collections.abc import Callable
from pathlib import Path

from validation.data.images import ImageSet
from validation.data.readers import archive, cifar, idx, omniglot
from validation.data.readers.files import Files

VARIABLE = "MVTHEORY_DATA"
"""Environment variable that names the folder where no argument does."""
SETS: dict[str, tuple[Callable[[Files], ImageSet], str]] = {
    "cifar-10": (cifar.read_cifar10, cifar.REMEDY_TEN),
    "cifar-100": (cifar.read_cifar100, cifar.REMEDY_HUNDRED),
    "mnist": (idx.read_mnist, idx.REMEDY_MNIST),
    "fashion-mnist": (idx.read_fashion, idx.REMEDY_FASHION),
    "omniglot": (omniglot.read_omniglot, omniglot.REMEDY),
}
"""What reads each data set, and where it is had."""


def load(
    name: str,
    folder: str | os.PathLike[str] | None = None,
    *,
    coarse: bool = False,
    partial: bool = False,
) -> ImageSet:
    """Read an image data set from files that you have; nothing is downloaded.

    Parameters
    ----------
    name : str
        "cifar-10", "cifar-100", "mnist", "fashion-mnist" or "omniglot", below the folder in
        torchvision's layout; or the path from there of a .npz archive with x_train, y_train,
        x_test and y_test.
    folder : path, optional
        The environment variable MVTHEORY_DATA names it otherwise; a .npz archive is then looked
        for in the current folder if that is not set either.
    coarse : bool
        CIFAR-100's 20 superclasses as labels, not its 100 classes.
    partial : bool
        Accept fewer images than are published; the order of files and labels stays checked.

    Returns
    -------
    ImageSet
        Omniglot's drawers 1 to 15 are its training, 16 to 20 its test; the other sets have the
        parts in which they are published.

    Raises
    ------
    ValueError
        For a set of another name, and for files that are missing, cut short, foreign, or hold
        images or labels out of range: in one line, with where the files are had and how they must
        lie.

    Sources: A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009; Y. LeCun,
    C. Cortes and C. Burges, The MNIST Database; H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST,
    arXiv:1708.07747; B. Lake, R. Salakhutdinov and J. Tenenbaum, Science 350, 2015.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> place = tempfile.mkdtemp()
    >>> x, y = np.zeros((6, 8, 8, 3), np.uint8), np.arange(6) % 3
    >>> np.savez(f"{place}/own.npz", x_train=x, y_train=y, x_test=x[:3], y_test=y[:3])
    >>> own = load("own.npz", place)
    >>> own.training.pixels.shape, own.classes, list(own.checksums)
    ((6, 8, 8, 3), ('0', '1', '2'), ['own.npz'])
    """
    packed = name.endswith(".npz")
    if name not in SETS and not packed:
        raise ValueError(f"name={name!r} is not known; choose one of {', '.join(SETS)}, or the "
                         "path of a .npz archive")  # fmt: skip
    if coarse and name != "cifar-100":
        raise ValueError(f"coarse=True is not allowed for {name} (cifar-100 alone has coarse "
                         "labels); leave it out")  # fmt: skip
    read, remedy = (None, archive.REMEDY) if packed else SETS[name]
    place = os.environ.get(VARIABLE) if folder is None else folder
    if not place and not packed:
        raise ValueError(f"folder is not given for {name}, nor does {VARIABLE} name one; give the "
                         f"folder of your data, and where it lacks these {remedy}")  # fmt: skip
    files = Files(Path(os.path.expanduser(place or ".")), remedy, partial)
    if read is None:
        return archive.read_archive(files, name)
    return cifar.read_cifar100(files, coarse=True) if coarse else read(files)
