"""The mean kernel of random ReLU features that are summed over the patches of a sample."""

import math

import numpy as np

from mvtheory.arrays import real
from mvtheory.shapes import ArrayLike, Float, Floats


def arc_cosine_kernel(first: ArrayLike, second: ArrayLike) -> Float[Floats, "inputs others"]:
    r"""Mean of phi(X) phi(X') over random features phi(X) = sum_p ReLU(<w, x_p>), w ~ N(0, I).

    sum over pairs of patches of |x| |x'| (sin a + (pi - a) cos a) / (2 pi), a the angle between
    them.

    Parameters
    ----------
    first, second : array, shapes (n, patches, dimension) and (m, patches, dimension)
        Samples X and X', finite. Given as one and the same array, half of the kernel is computed.

    Returns
    -------
    float array, shape (n, m)
        In squared units of the patches.

    Raises
    ------
    ValueError
        If the samples are not finite or their patches do not fit each other.

    Notes
    -----
    Source: Cho & Saul (2009), the kernel of degree 1; proved.

    Examples
    --------
    >>> import numpy as np
    >>> two = np.array([[[2.0, 0.0]], [[0.0, 3.0]]])
    >>> arc_cosine_kernel(two, two).round(4)
    array([[2.    , 0.9549],
           [0.9549, 4.5   ]])
    """
    same = first is second
    rows = _checked(first, "first")
    columns = rows if same else _checked(second, "second")
    if rows.shape[1:] != columns.shape[1:]:
        raise ValueError(
            f"second of shape {columns.shape} is not allowed: (samples, *{rows.shape[1:]}) like "
            "first; give samples of as many patches of the same dimension, 0 for absent ones"
        )
    own, others = _directions(rows), _directions(columns)
    directions, lengths = (side.reshape(-1, *side.shape[2:]) for side in others)
    patches = columns.shape[1]
    kernel = np.empty((len(rows), len(columns)))
    for index, (patch, length) in enumerate(zip(*own, strict=True)):  # a row stays in the cache
        # The kernel of samples with themselves is symmetric: half of it is enough.
        start = index if same else 0
        summed = length @ _of_angles(patch @ directions[start * patches :].T)
        row = (summed * lengths[start * patches :]).reshape(-1, patches).sum(1)
        kernel[index, start:] = row
        if same:
            kernel[start:, index] = row
    return kernel


def arc_cosine_diagonal(samples: ArrayLike) -> Float[Floats, " inputs"]:
    """The kernel of every sample with itself, shape (n,): the diagonal of `arc_cosine_kernel`.

    Parameters
    ----------
    samples : array, shape (n, patches, dimension)
        Finite.

    Raises
    ------
    ValueError
        If the samples are not finite or no patches.

    Notes
    -----
    Source: Cho & Saul (2009), the kernel of degree 1; proved.

    Examples
    --------
    >>> arc_cosine_diagonal([[[2.0, 0.0], [0.0, 3.0]]]).round(4).tolist()  # 2 + 4.5 + 2 * 0.9549
    [8.4099]
    """
    directions, lengths = _directions(_checked(samples, "samples"))
    of_pairs = _of_angles(directions @ directions.transpose(0, 2, 1))
    return np.asarray(np.einsum("sp,spr,sr->s", lengths, of_pairs, lengths))


def _checked(samples: ArrayLike, name: str) -> Float[Floats, "inputs patches dimension"]:
    array = real(samples, name)
    if array.ndim != 3 or not array.size or not np.isfinite(array).all():
        raise ValueError(
            f"{name} of shape {array.shape} are not allowed: (samples, patches, dimension), "
            f"finite; give {name}[:, None] if a sample is one patch, and leave out NaN"
        )
    return array


def _directions(
    samples: Float[Floats, "inputs patches dimension"],
) -> tuple[Float[Floats, "inputs patches dimension"], Float[Floats, "inputs patches"]]:
    """Patches scaled to length 1, those that are 0 as they are, and their lengths."""
    lengths = np.linalg.norm(samples, axis=2)
    return samples / np.where(lengths > 0, lengths, 1)[..., None], lengths


def _of_angles(cosine: Float[Floats, "*further"]) -> Float[Floats, "*further"]:
    """The kernel of patches of length 1, of their inner products, which are written over."""
    np.clip(cosine, -1, 1, out=cosine)
    # sin a + (pi - a) cos a, by pi - a = pi/2 + arcsin(cos a).
    value = np.asarray(np.arcsin(cosine))
    value += math.pi / 2
    value *= cosine
    value += np.sqrt(1 - cosine**2)
    value /= 2 * math.pi
    return value
