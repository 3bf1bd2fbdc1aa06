"""Slow and independent values of limiting spectral laws, in mpmath to any number of digits.

G(z) = E[1/(z - X)], density = -Im G(x + i0)/pi, U(z) = E[log(z - X)] = potential + i pi (1 - cdf).
Parameters are strings, Fractions, floats or mpf, taken exactly. Every law gives (pdf, cdf,
potential), the cdf as P(X <= x), and fails rather than guess between two branches.
"""

from collections import Counter
from fractions import Fraction
from functools import reduce

import numpy as np
from mpmath import mp, mpc, mpf, polyroots
from mpmath.libmp import to_rational

GUARD = 30  # digits over those asked for


def exact(value) -> Fraction:
    """The value without rounding: an mpf has a binary precision of its own."""
    if isinstance(value, mpf):
        return Fraction(*map(int, to_rational(value._mpf_)))
    return Fraction(value.item() if isinstance(value, np.generic) else value)


def number(value) -> mpf:
    """The value at the working precision."""
    return mpf(exact(value).numerator) / exact(value).denominator


def marchenko_pastur(q, s=1):
    """Rates and jumps of the Marchenko-Pastur law of ratio q and mean s."""
    return [1 / exact(q)], [exact(q) * exact(s)]


def generalized_wishart(q, rho, s=1):
    """Rates and jumps of the law of (XY' + YX')/2n, entries of correlation rho."""
    q, rho, s = exact(q), exact(rho), exact(s)
    return [1 / q, 1 / q], [q * s * (1 + rho) / 2, -q * s * (1 - rho) / 2]


def covariance(atoms, weights, q):
    """Rates and jumps of the sample covariance of a population of atoms."""
    return [exact(w) / exact(q) for w in weights], [exact(q) * exact(t) for t in atoms]


def _roots(*terms) -> list:
    """Roots of a sum of products, triple ones as exact as simple ones; the real ones as mpf."""
    factors = [[np.array([*map(Fraction, f)], dtype=object) for f in term] for term in terms]
    total = np.trim_zeros(reduce(np.polyadd, [reduce(np.convolve, f) for f in factors]), "f")
    monic = [number(c / total[0]) for c in total]
    roots = polyroots(monic, maxsteps=20000, extraprec=3 * mp.prec, cleanup=False)
    tiny = mpf(10) ** (5 - mp.dps)
    return [z.real if abs(z.imag) <= tiny * (abs(z) + tiny) else z for z in map(mpc, roots)]


def _levy(drift, variance, rates, jumps):
    """Rates of the distinct jumps, and `shift` and `poles` of z = shift + h + sum r/(h - p)."""
    merged = Counter()
    for rate, jump in zip(map(exact, rates), map(exact, jumps), strict=True):
        merged.update({jump: rate} if rate and jump else {})  # one pole each: none that cancels
    poles = {p: c * p * p for p, c in merged.items()}
    poles |= {Fraction(0): exact(variance)} if exact(variance) else {}
    return merged, exact(drift) + sum(c * p for p, c in merged.items()), poles


def rational(x, drift, variance, rates, jumps, digits=40):
    """The law of R(g) = drift + variance g + sum c p/(1 - p g), by all roots h = 1/G of z(h) = x.

    One with Im h > 0 is unique, as F = 1/G is one to one; else h is real and z increases there.
    """
    merged, shift, poles = _levy(drift, variance, rates, jumps)
    with mp.workdps(digits + GUARD):
        terms = [[[r], *([1, -u] for u in poles if u != p)] for p, r in poles.items()]
        roots = _roots([[1, shift - exact(x)], *([1, -p] for p in poles)], *terms)
        free = 1 - sum(merged.values())
        if not exact(variance) and exact(x) == exact(drift) and free >= 0:
            h = mpf(0)  # an atom, or a hard edge
        elif above := [h for h in roots if h.imag > 0]:
            (h,) = above
        else:
            pairs = [(number(p), number(r)) for p, r in poles.items()]
            slope, h = min((sum(r / (h - p) ** 2 for p, r in pairs), h) for h in roots)
            assert slope < 1 + mpf(10) ** -digits, (x, slope)
        semicircle = number(variance) / (2 * h * h) if exact(variance) else mpf(0)
        angle, potential = mp.arg(h) + semicircle.imag, semicircle.real
        potential += number(free) * mp.log(abs(h)) if free else 0
        for p, c in merged.items():
            w, p, c = h - number(p), number(p), number(c)
            angle += c * ((p / w).imag - mp.arg(h) + mp.arg(w))
            potential += c * ((p / w).real + mp.log(abs(w)))
        return h.imag / abs(h) ** 2 / mp.pi if h else mp.inf, 1 - angle / mp.pi, potential


def rational_edges(drift, variance, rates, jumps, digits=40):
    """Edges: images of the simple real roots of z'(u) = 0; through a double one z increases."""
    _, shift, poles = _levy(drift, variance, rates, jumps)
    with mp.workdps(digits + GUARD):
        terms = [[[-r], *([[1, -u] for u in poles if u != p] * 2)] for p, r in poles.items()]
        real = [u for u in _roots([[1, -p] for p in poles] * 2, *terms) if isinstance(u, mpf)]
        apart = mpf(10) ** (10 - mp.dps) * max(map(abs, real))
        simple = [u for u in real if sum(abs(u - w) <= apart for w in real) == 1]
        pairs = [(number(p), number(r)) for p, r in poles.items()]
        return sorted(number(shift) + u + sum(r / (u - p) for p, r in pairs) for u in simple)


def anticommutator_semicircles(x, v1=1, v2=1, digits=40):
    """ab + ba of free semicircles of variances v1, v2, as X^2 - Y^2 of free semicircles."""
    with mp.workdps(digits + GUARD):
        law = generalized_wishart(1, 0, 2 * mp.sqrt(number(exact(v1) * exact(v2))))
        return rational(x, 0, 0, *law, digits=digits)


def product(x, scale, factors, digits=40):
    """The positive law of z = scale (1 + y)/y prod (1 + q y)^m, y = zG - 1, at x > 0.

    U = log scale - log y + sum m (y + (1 - 1/q) log(1 + q y)), whose derivative is G = (1 + y)/z.
    """
    powers = Counter()
    for q, m in factors:
        powers.update({exact(q): m} if exact(q) else {})
    with mp.workdps(digits + GUARD):
        left = [[exact(x), 0], *([q, 1] for q, m in powers.items() for _ in range(-m))]
        right = [[-exact(scale)], [1, 1], *([q, 1] for q, m in powers.items() for _ in range(m))]
        found = []
        for y in (y for y in _roots(left, right) if y.imag <= 0):
            parts = [(number(q), m, 1 + number(q) * y) for q, m in powers.items() if m]
            parts = [(q, m, w, _below(w, 1 if q > 0 else -1)) for q, m, w in parts]
            turn = _below(1 + y) - _below(y) + sum(m * a for _, m, _, a in parts)
            slope = 1 / (1 + y) - 1 / y + sum(m * q / w for q, m, w, _ in parts)
            if abs(turn) < 0.1 and (y.imag or slope < mpf(10) ** (3 - digits)):
                angle = sum(m * (y.imag + (1 - 1 / q) * a) for q, m, _, a in parts) - _below(y)
                real = sum(m * (y.real + (1 - 1 / q) * mp.log(abs(w))) for q, m, w, _ in parts)
                found.append((y, angle, real + mp.log(number(scale) / abs(y))))
        y, angle, potential = found[0]
        assert all(abs(y - u) < abs(y) * mpf(10) ** -digits for u, *_ in found), (x, found)
        return -y.imag / (mp.pi * number(x)), 1 - angle / mp.pi, potential


def _below(w, side=1):
    """Principal argument of w; of a real one as approached from under it, or from over it (-1)."""
    return mp.arg(w) if w.imag else mpf(0) if w.real > 0 else -side * mp.pi


def discrete_sum(x, atoms1, weights1, atoms2, weights2, digits=40):
    """Free sum of two discrete laws: F1(w) = F2(v) = w + v - z, and U = U1(w) + U2(v) - log F."""
    return _subordinated(x, [(atoms1, weights1), (atoms2, weights2)], digits, False)


def discrete_product(x, atoms1, weights1, atoms2, weights2, digits=40):
    """Free product, x > 0: K1(w) = K2(v) = w v/z, y = wG - 1 = 1/(K - 1), U = U1 + U2 + log y."""
    return _subordinated(x, [(atoms1, weights1), (atoms2, weights2)], digits, True)


def _subordinated(x, laws, digits, times):
    """Newton for w from far above the real line down to height 10^-2digits, each step certain:

    only one pair (w, v) is at least as far from the line as z (in argument, for a product).
    """

    def transform(law, w):
        """F or K of a discrete law, and its derivative."""
        g, fall = (sum(c / (w - a) ** n for a, c in law) for n in (1, 2))
        y = w * g - 1
        return ((1 + y) / y, (w * fall - g) / y**2) if times else (1 / g, fall / g**2)

    def step(w, z):
        """The partner v, the Newton step, and F or K."""
        one, slope = transform(laws[0], w)
        v, turn = (z * one / w, z * (slope - one / w) / w) if times else (z + one - w, slope - 1)
        two, rise = transform(laws[1], v)
        return v, (one - two) / (slope - rise * turn), one

    with mp.workdps(4 * digits + GUARD):
        laws = [[(number(a), number(c)) for a, c in zip(*law, strict=True)] for law in laws]
        laws = [[(a, c / sum(c for _, c in law)) for a, c in law] for law in laws]
        x, last, tiny = number(x), mpf(10) ** (-2 * digits), mpf(10) ** (-2 * digits - 10)
        top, peak = (max(abs(a) for a, _ in law) for law in laws)
        height, ratio = 8 * max(top * peak if times else top + peak, abs(x)), mpf(1) / 4
        w = mpc(x, height) / (peak if times else 1)  # near enough, that far above
        depth = mp.arg if times else mp.im
        while height > last:
            z, u = mpc(x, max(height * ratio, last)), w
            for _ in range(11):
                u -= (change := step(u, z)[1])
                if abs(change) < tiny * abs(u):
                    break
            v, change, one = step(u, z)
            if abs(change) < tiny * abs(u) and min(depth(u), depth(v)) > 0.999 * depth(z):
                w, height, ratio = u, z.imag, max(ratio / 2, mpf(1) / 16)
            else:
                ratio = mp.sqrt(ratio)
                assert ratio < 0.999, (x, height, change)
        u = -mp.log(one - 1 if times else one)
        u += sum(c * mp.log(t - a) for t, law in zip((w, v), laws, strict=True) for a, c in law)
        green = one / (one - 1) / z if times else 1 / one
        atom = -green.imag * last  # half of it is missing in the cdf just above
        if atom > mpf(10) ** (-digits // 2):
            return mp.inf, 1 - u.imag / mp.pi + atom / 2, -mp.inf
        return -green.imag / mp.pi, 1 - u.imag / mp.pi, u.real
