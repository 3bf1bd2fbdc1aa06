r"""What each of many mixtures answers, from one look at all classes.

A grid has dozens of mixtures u f_soft + v f_hard, and of thousands of classes hardly any can be the
answer to one of them. The weights of the mixtures lie in the cone of a few extreme ones, its
corners: a class that another class beats in every corner is beaten in every mixture, for what holds
of two weights holds of their sums with factors > 0. So one good class rules out nearly all others
at the cost of the corners, and mixtures are made of the classes that are left. The answers are
those of the whole rows, also between classes that are equal: what is ruled out is worse by more
than rounding.
"""

from collections.abc import Sequence

import numpy as np

from mvtheory.distillation.mixture import Coefficients
from mvtheory.shapes import Bool, Booleans, Float, Floats, Int, Integers, Numbers, Real

Block = Real[Numbers, "samples classes"]
ROUNDINGS = 64
"""Units of rounding, of the terms of a mixture, by which classes ruled out are worse: a product, a
sum and a weight in single precision, for both classes and at a corner too."""


def answers(
    mixtures: Sequence[Coefficients], student: Block, anchors: Sequence[Block]
) -> Int[Integers, "mixtures samples"]:
    """The class of the largest logit of every mixture, the first if several.

    Parameters
    ----------
    mixtures : sequence of Coefficients
    student : array, shape (N, K)
    anchors : sequence of arrays, shape (N, K)
        Floats, -inf where masked.

    Examples
    --------
    >>> mixtures = [Coefficients(hard=1 - u, anchors=(u,)) for u in (0.1, 0.9)]
    >>> answers(mixtures, np.array([[2.0, 1.0, 0.0]]), [np.array([[0.0, 1.5, 1.0]])])
    array([[0],
           [1]])
    """
    found = np.empty((len(mixtures), len(student)), dtype=np.int64)
    parts = student, *anchors
    whole = not any(np.isneginf(part.min(axis=1)).any() for part in parts)
    for members in _groups(mixtures, whole):
        some = [mixtures[m] for m in members]
        places = np.flatnonzero(_possible(_corners(some), student, anchors))
        rows, classes = np.divmod(places, student.shape[1])
        counts = np.bincount(rows, minlength=len(student))
        starts = np.cumsum(counts) - counts
        values = _mixed(some, [part.reshape(-1)[places] for part in parts])
        largest = np.repeat(np.maximum.reduceat(values, starts, axis=1), counts, axis=1)
        place = np.where(values == largest, np.arange(len(places)), len(places))
        found[members] = classes[np.minimum.reduceat(place, starts, axis=1)]
    return found


def _groups(mixtures: Sequence[Coefficients], whole: bool) -> list[list[int]]:
    """Mixtures of the same parts, or all if nothing is masked: a part without a weight masks
    nothing."""
    if whole or not mixtures:
        return [list(range(len(mixtures)))] if mixtures else []
    parts = [tuple(bool(weight) for weight in (m.hard, *m.anchors)) for m in mixtures]
    return [[i for i, other in enumerate(parts) if other == own] for own in dict.fromkeys(parts)]


def _mixed(
    mixtures: Sequence[Coefficients], parts: Sequence[Real[Numbers, " kept"]]
) -> Real[Numbers, "mixtures kept"]:
    """All mixtures of one group at once, each as `Coefficients.of` makes it, to the last bit."""
    weights = np.array([(m.hard, *m.anchors) for m in mixtures], dtype=np.result_type(*parts))
    mixed, hidden = np.zeros((len(mixtures), len(parts[0])), dtype=weights.dtype), None
    with np.errstate(invalid="ignore"):  # -inf - (-inf), mended below
        for weight, part in zip(weights.T, parts, strict=True):
            if not weight.any():
                continue
            mixed += weight[:, None] * part
            below = np.isneginf(part)
            hidden = below if hidden is None else hidden | below
    if hidden is not None and hidden.any():
        mixed[:, hidden] = -np.inf
    return mixed


def _corners(mixtures: Sequence[Coefficients]) -> list[Coefficients]:
    """Mixtures in whose cone these lie; none if they span a half-plane.

    In the plane of the student's weight and the sum of the anchors' the cone has two sides, and
    the anchors share the sum by weights of one sign.
    """
    totals = np.array([sum(mixture.anchors) for mixture in mixtures])
    hard = np.array([mixture.hard for mixture in mixtures])
    angles = np.arctan2(totals, hard)
    sides = [int(angles.argmin()), int(angles.argmax())]
    used = [j for j in range(len(mixtures[0].anchors)) if any(m.anchors[j] for m in mixtures)]
    mixed = any(min(m.anchors) < 0 < max(m.anchors) for m in mixtures)
    if np.ptp(angles) > np.pi - 1e-6 or mixed:
        return []
    found = []
    for side in dict.fromkeys(sides):
        size = float(np.hypot(totals[side], hard[side])) or 1.0
        for j in used or [0]:
            weights = [0.0] * len(mixtures[0].anchors)
            weights[j] = float(totals[side]) / size
            found.append(Coefficients(hard=float(hard[side]) / size, anchors=tuple(weights)))
    return list(dict.fromkeys(found))


def _possible(
    corners: Sequence[Coefficients], student: Block, anchors: Sequence[Block]
) -> Bool[Booleans, "samples classes"]:
    """Which classes are not beaten in all corners by the class that is best at their sum."""
    if not corners:
        return np.ones(student.shape, dtype=bool)
    values = [corner.of(student, anchors) for corner in corners]
    best = (values[0] if len(values) == 1 else np.sum(values, axis=0)).argmax(axis=1)
    row = np.arange(len(student))
    sizes = [_size(part, part[row, best], corners, j) for j, part in enumerate((student, *anchors))]
    found = np.zeros(student.shape, dtype=bool)
    for corner, value in zip(corners, values, strict=True):
        weights = np.abs([corner.hard, *corner.anchors])
        rounding = ROUNDINGS * float(np.finfo(value.dtype).eps)
        terms = sum(w * size for w, size in zip(weights, sizes, strict=True) if w)
        bar = value[row, best] - rounding * terms
        found |= value >= bar.astype(value.dtype)[:, None]
    return found


def _size(
    part: Block, own: Real[Numbers, " samples"], corners: Sequence[Coefficients], place: int
) -> Float[Floats, " samples"]:
    """What a part adds to a mixture that can win, at most, up to its weight.

    Low logits, such as those of masks, add nothing but where the weight is below 0.
    """
    found = np.maximum(np.abs(part.max(axis=1)), np.where(np.isneginf(own), 0, np.abs(own)))
    if any((corner.hard, *corner.anchors)[place] < 0 for corner in corners):
        low = np.min(part, axis=1, where=~np.isneginf(part), initial=0)
        found = np.maximum(found, np.abs(low))
    return np.where(np.isneginf(found) | np.isinf(found), 0, found).astype(float)
