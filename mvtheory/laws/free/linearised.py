r"""The equation of 3 x 3 matrices that a linearised commutator solves, and its derivative.

G = P^-1 with P = B - eta_a(G) - eta_b(G): B has z at (1, 1), d at (2, 3) and its conjugate at
(3, 2); eta_a = E_a R_a(G E_a) acts on indices 1 and 2, eta_b on 1 and 3. Of R_a only its values r
at the two eigenvalues of G E_a are needed. The unknowns g are g11, g12, g21, g13, g31, g22, g33.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mvtheory.laws.contract.shapes import Complexes

Matrix = NDArray[Any]
"""Shape (3, 3, n): a matrix at each point."""

CORNER = 0
PARTS = ((1, 2, 5), (3, 4, 6))
"""Where the unknowns have, for a and for b, the entries beside g11: right, below, diagonal."""
ROWS, COLUMNS = [0, 0, 1, 0, 2, 1, 2], [0, 1, 0, 2, 0, 1, 2]
"""Places of the unknowns in G."""


def eigenvalues(g: NDArray[Any], near: Any = None) -> list[tuple[Complexes, ...]]:
    """For a and for b: the mean of the two eigenvalues of G E, and both, the first the one
    closer to `near`: a square root has no branch that is continuous everywhere."""
    found: list[tuple[Complexes, ...]] = []
    for k, (up, down, corner) in enumerate(PARTS):
        mean = (g[up] + g[down]) / 2
        root = np.sqrt((g[up] - g[down]) ** 2 / 4 + g[CORNER] * g[corner])
        if near is not None:
            target = near[k] - mean
            root = np.where(np.abs(root - target) <= np.abs(root + target), root, -root)
        found.append((mean, mean + root, mean - root))
    return found


def inverse(
    g: NDArray[Any], pairs: list[tuple[Complexes, ...]], r: Any, z: Complexes, d: complex
) -> Matrix:
    """P from the unknowns, their `eigenvalues` and r = R at a's two and b's two."""
    p = np.zeros((3, 3, z.size), dtype=complex)
    p[0, 0], p[1, 2], p[2, 1] = z, d, np.conj(d)
    for k, (up, down, corner) in enumerate(PARTS):
        (_, one, two), part = pairs[k], k + 1
        alpha, beta = (r[2 * k] + r[2 * k + 1]) / 2, (r[2 * k] - r[2 * k + 1]) / (one - two)
        half = beta * (g[down] - g[up]) / 2
        p[0, 0] -= beta * g[corner]
        p[0, part], p[part, 0] = -(alpha + half), -(alpha - half)
        p[part, part] = -beta * g[CORNER]
    return p


def determinant(p: Matrix) -> Complexes:
    """det P at each point, shape (n,)."""
    return (
        p[0, 0] * (p[1, 1] * p[2, 2] - p[1, 2] * p[2, 1])
        - p[0, 1] * (p[1, 0] * p[2, 2] - p[1, 2] * p[2, 0])
        + p[0, 2] * (p[1, 0] * p[2, 1] - p[1, 1] * p[2, 0])
    )


def inverted(p: Matrix) -> Matrix:
    """P^-1 at each point, by cofactors."""
    return np.array([
        [p[1, 1] * p[2, 2] - p[1, 2] * p[2, 1],
         p[0, 2] * p[2, 1] - p[0, 1] * p[2, 2],
         p[0, 1] * p[1, 2] - p[0, 2] * p[1, 1]],
        [p[1, 2] * p[2, 0] - p[1, 0] * p[2, 2],
         p[0, 0] * p[2, 2] - p[0, 2] * p[2, 0],
         p[0, 2] * p[1, 0] - p[0, 0] * p[1, 2]],
        [p[1, 0] * p[2, 1] - p[1, 1] * p[2, 0],
         p[0, 1] * p[2, 0] - p[0, 0] * p[2, 1],
         p[0, 0] * p[1, 1] - p[0, 1] * p[1, 0]],
    ]) / determinant(p)  # fmt: skip


def residual(
    g: NDArray[Any],
    pairs: list[tuple[Complexes, ...]],
    r: Any,
    slopes: Any,
    z: Complexes,
    d: complex,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """g less the entries of P^-1, shape (7, n), and its derivative by g, shape (7, 7, n), where r
    moves with its eigenvalue by `slopes`."""
    found = inverted(inverse(g, pairs, r, z, d))
    jacobian = np.repeat(np.eye(7, dtype=complex)[:, :, None], z.size, axis=2)
    # By g11 and by the entries right, below and on the diagonal: of the mean of the two
    # eigenvalues, and of half of the difference of the entries below and right.
    means, halves = np.array([[0, 0.5, 0.5, 0], [0, -0.5, 0.5, 0]])[:, :, None]
    for k, (up, down, corner) in enumerate(PARTS):
        (_, one, two), part = pairs[k], k + 1
        (r1, r2), (s1, s2) = r[2 * k : 2 * k + 2], slopes[2 * k : 2 * k + 2]
        half, root = (g[down] - g[up]) / 2, (one - two) / 2
        beta = (r1 - r2) / (one - two)
        roots = np.array([g[corner], -half, half, g[CORNER]]) / (2 * root)
        alphas = (s1 + s2) / 2 * means + (s1 - s2) / 2 * roots
        betas = ((s1 - s2) * means + (s1 + s2 - 2 * beta) * roots) / (2 * root)
        tilts = betas * half + beta * halves
        # What -P gains at (1, 1), right of it, below it and on the diagonal.
        top, right, below, last = (
            betas * g[corner],
            alphas + tilts,
            alphas - tilts,
            betas * g[CORNER],
        )
        top[3] += beta
        last[0] += beta
        # d P^-1 = -P^-1 dP P^-1, at the entries that are unknowns.
        left, right_hand = found[ROWS], found[:, COLUMNS].swapaxes(0, 1)
        for row, column, gain in (
            (0, 0, top),
            (0, part, right),
            (part, 0, below),
            (part, part, last),
        ):
            both = left[:, row] * right_hand[:, column]
            jacobian[:, [CORNER, up, down, corner]] -= both[:, None] * gain
    return g - found[ROWS, COLUMNS], jacobian
