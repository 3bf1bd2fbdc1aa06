r"""The scalar equations of a linearised commutator.

L = [[z, -a, -b], [-a, 0, d], [-b, d*, 0]] has G = E[L^-1] with G^-1 = B - eta_a(G) - eta_b(G), and
eta_a needs R_a only at the two eigenvalues m +- root(q) of G's part for a [belinschi2017]_. With
s = g11, R_a = alpha +- beta root(q) there, and y = (z s - 1)/2, the nine entries say for d = 1

    M = s (alpha + beta m),   Q = s alpha M + s^2 beta (1 + y),   y = alpha m + beta q,

M and Q the same of b, and as much with a and b exchanged. For d = i they say it of variables with
the same R(g) - R(-g), whose R is odd: m = alpha = 0, as the free cumulants of a commutator tell.
"""

from typing import Any, NamedTuple

import numpy as np

from mvtheory.laws.contract.shapes import Complexes


class Side(NamedTuple):
    """What one variable's m, q and R say of the other's m and q; slopes by m, q and s."""

    beta: Complexes
    mean: Any
    mean_slopes: tuple[Any, Any, Any]
    square: Complexes
    square_slopes: tuple[Any, Any, Any]
    y: Complexes
    y_slopes: tuple[Any, Any]


def side(m: Any, q: Any, root: Any, r: Any, slopes: Any, s: Any, z: Any, odd: bool) -> Side:
    """From R and R' at m + root and m - root, both of shape (2, n); `odd` takes R's odd part, about
    m = 0."""
    half = (slopes[0] + slopes[1]) / 2
    beta = (r[0] - r[1]) / (2 * root)
    # Slopes: of alpha half and tilt, of beta 2 tilt and bend.
    bend = (half - beta) / (2 * q)
    if odd:
        rest = (1 + z * s) / 2
        scaled = s * s * rest
        by_s = s * beta * (2 * rest + z * s / 2)
        slopes_of_square = 0.0, scaled * bend, by_s
        flat = 0.0, 0.0, 0.0
        return Side(
            beta, 0.0, flat, scaled * beta, slopes_of_square, beta * q, (0.0, beta + bend * q)
        )
    alpha, tilt = (r[0] + r[1]) / 2, (slopes[0] - slopes[1]) / (4 * root)
    mean = s * (alpha + beta * m)
    by_m, by_q, by_s = s * (half + 2 * tilt * m + beta), s * (tilt + bend * m), alpha + beta * m
    rest = (1 + z * s) / 2
    scaled = s * s * rest
    return Side(
        beta,
        mean,
        (by_m, by_q, by_s),
        s * alpha * mean + scaled * beta,
        (
            s * (half * mean + alpha * by_m) + scaled * 2 * tilt,
            s * (tilt * mean + alpha * by_q) + scaled * bend,
            alpha * (mean + s * by_s) + s * beta * (2 * rest + z * s / 2),
        ),
        alpha * m + beta * q,
        (alpha + half * m + 2 * tilt * q, tilt * m + beta + bend * q),
    )


def step(g: Any, a: Side, b: Side, z: Complexes, odd: bool) -> Any:
    """Newton's step for g = (m_a, q_a, m_b, q_b, s), shape (5, n)."""
    if odd:
        return _odd_step(g, a, b, z)
    (a11, a12, a1), (a21, a22, a2) = a.mean_slopes, a.square_slopes
    (b11, b12, b1), (b21, b22, b2) = b.mean_slopes, b.square_slopes
    m, q, s = g[0], g[1], g[4]
    miss_a = a.mean - g[2], a.square - g[3]
    # Those of b move with a's and s; what is left is 2 x 2 beside s.
    miss = (
        b.mean - m + b11 * miss_a[0] + b12 * miss_a[1],
        b.square - q + b21 * miss_a[0] + b22 * miss_a[1],
    )
    by_s = b1 + b11 * a1 + b12 * a2, b2 + b21 * a1 + b22 * a2
    c11, c12 = 1 - (b11 * a11 + b12 * a21), -(b11 * a12 + b12 * a22)
    c21, c22 = -(b21 * a11 + b22 * a21), 1 - (b21 * a12 + b22 * a22)
    determinant = c11 * c22 - c12 * c21
    fixed, moved = (
        ((c22 * v - c12 * w) / determinant, (c11 * w - c21 * v) / determinant)
        for v, w in (miss, by_s)
    )
    y_m, y_q = a.y_slopes
    ds = (1 + 2 * a.y - z * s + 2 * (y_m * fixed[0] + y_q * fixed[1])) / (
        z - 2 * (y_m * moved[0] + y_q * moved[1])
    )
    dm, dq = fixed[0] + moved[0] * ds, fixed[1] + moved[1] * ds
    return np.array([
        dm,
        dq,
        miss_a[0] + a11 * dm + a12 * dq + a1 * ds,
        miss_a[1] + a21 * dm + a22 * dq + a2 * ds,
        ds,
    ])  # fmt: skip


def _odd_step(g: Any, a: Side, b: Side, z: Complexes) -> Any:
    """The same where m = 0 on both sides: one equation beside s."""
    _, a22, a2 = a.square_slopes
    _, b22, b2 = b.square_slopes
    miss_a, y_q, none = a.square - g[3], a.y_slopes[1], np.zeros_like(g[0])
    share = 1 / (1 - b22 * a22)
    fixed = (b.square - g[1] + b22 * miss_a) * share
    moved = (b2 + b22 * a2) * share
    ds = (1 + 2 * a.y - z * g[4] + 2 * y_q * fixed) / (z - 2 * y_q * moved)
    dq = fixed + moved * ds
    return np.array([none, dq, none, miss_a + a22 * dq + a2 * ds, ds])
