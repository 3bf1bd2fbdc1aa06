"""Spectra of H of students for images beside the laws that they might have."""

from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.distillation import (
    Comparison,
    accuracy,
    dual_outputs,
    h_eigenvalues,
    h_matrix,
    h_spectrum,
    kolmogorov_distance,
    soft_weight,
)
from mvtheory.laws import Empirical
from validation.experiments.image_students.setting import FREE, SOFT
from validation.experiments.students.predictions import Rows

TURNS, OWN = 50, 3
"""Sums that make a law, and that are held against it."""

Floats = NDArray[np.float64]
Logits = NDArray[np.float32]
Samples = NDArray[np.int64]


def spectra(
    sets: Samples, labels: NDArray[np.int64], teacher: Logits, soft: Logits, hard: Logits
) -> Rows:
    """Distances of spectra of K H from their laws, on sets of test images, shape (sets, images).

    Of the student of hard labels, its predictions one-hot (T = 0) and soft (T = 1); and of the dual
    model of the student of soft labels.
    """
    temperature, hard_weight = SOFT
    weight = float(soft_weight(hard_weight=hard_weight, temperature=temperature))
    rows = []
    models = ("hard", 0.0), ("hard", 1.0), ("dual", temperature)
    for (part, chosen), (model, t) in product(enumerate(sets), models):
        student = hard if model == "hard" else soft
        found = h_spectrum(
            labels[chosen], student[chosen], teacher[chosen] if model == "dual" else None,
            temperature=t, soft_weight=weight, rng=part,
        )  # fmt: skip
        known = {"part": part, "model": model, "temperature": t}
        known["accuracy"] = accuracy(labels[chosen], student[chosen])
        rows += [known | distances(comparison) for comparison in found.comparisons]
    return rows


def sums(
    sets: Samples,
    labels: NDArray[np.int64],
    teacher: Logits,
    students: dict[tuple[float, float], Logits],
) -> Rows:
    """The same of the dual models of students of both labels, by their T and a_H.

    Its K H is the sum of a hard and a soft part. Besides with the laws of `h_spectrum` it is
    compared with the parts as they are, one of them turned by chance (`FREE`): with their free sum
    at this size, whatever the laws of the parts.
    """
    rows = []
    for (part, chosen), ((t, a), student) in product(enumerate(sets), students.items()):
        y, above, own = labels[chosen], teacher[chosen], student[chosen]
        w = float(soft_weight(hard_weight=a, temperature=t))
        found = h_spectrum(y, own, above, temperature=t, soft_weight=w, rng=part)
        mixed = dual_outputs(own, temperature=t, soft_weight=w)
        hard = (1 - w) * h_eigenvalues(h_matrix(y, mixed))
        soft = w * h_eigenvalues(h_matrix(above, mixed, label_temperature=t))
        known = {"part": part, "temperature": t, "hard_weight": a, "accuracy": accuracy(y, own)}
        free = freely_added(found.eigenvalues, hard, soft, np.random.default_rng(part))
        rows += [known | distances(one) for one in found.comparisons]
        rows.append(known | free)
    return rows


def distances(comparison: Comparison) -> dict[str, Any]:
    return {
        "law": comparison.name,
        "distance": comparison.distance,
        "own_distance": float(np.mean(comparison.sampled_distances)),
    }


def freely_added(
    values: Floats, one: Floats, other: Floats, rng: np.random.Generator
) -> dict[str, Any]:
    """How far values are from the eigenvalues of the sum of two matrices, one turned by chance.

    Each is given by its eigenvalues. TURNS such sums together are the law, OWN further ones say how
    far a single one is from it.
    """
    turned = []
    for _ in range(TURNS + OWN):
        q, r = np.linalg.qr(rng.standard_normal((len(one), len(one))))
        q *= np.sign(np.diag(r))  # else not every turn is as likely
        turned.append(np.linalg.eigvalsh(np.diag(one) + (q * other) @ q.T))
    law = Empirical(eigenvalues=np.concatenate(turned[OWN:]))
    own = [kolmogorov_distance(law, single) for single in turned[:OWN]]
    return {
        "law": FREE,
        "distance": kolmogorov_distance(law, values),
        "own_distance": float(np.mean(own)),
    }
