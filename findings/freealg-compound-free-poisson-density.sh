#!/usr/bin/env bash
# freealg 0.12.2, CompoundFreePoisson(t, w, lam).density(x), with its defaults: the density at a point
# depends on which other points are asked with it. Of rate 2 and jumps 1 and 3 of equal weight
# (support 0.2566 to 13.206, no atom, positive density inside), seven points that are even on
# [0.3, 8] get one negative density and three of about -2e-6; each of the four asked alone is right.
# The Newton iteration starts from its neighbour and leaves the branch of the Stieltjes transform;
# nothing is raised. The references here are roots of the cubic 1/G + R(G) = x, R(g) =
# 1/(1 - g) + 3/(1 - 3 g), of which one has a negative imaginary part.
# Seen: together 0.2406 -0.1566 -0.0000 -0.0000 -0.0000 0.0604 0.0504,
#       alone    0.2406 0.1566 0.1143 0.0895 0.0728 0.0604 0.0504. Exits with 1 if that changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet freealg==0.12.2
"$work/env/bin/python" -W ignore - <<'PYTHON'
import numpy as np
from freealg.distributions import CompoundFreePoisson


def exact(x):
    """-Im G/pi: (1 - g)(1 - 3 g)(1 - x g) + g ((1 - 3 g) + 3 (1 - g)) = 0."""
    p, q, r = np.poly1d([-1, 1]), np.poly1d([-3, 1]), np.poly1d([-x, 1])
    roots = (p * q * r + np.poly1d([1, 0]) * (q + 3 * p)).roots
    return -roots.imag.min() / np.pi


law = CompoundFreePoisson([1, 3], [0.5, 0.5], 2.0)
x = 0.3 + 7.7 * (np.arange(7) + 0.5) / 7
together = law.density(x)
alone = np.array([law.density(np.array([v]))[0] for v in x])
right = np.array([exact(v) for v in x])
for name, values in (("together", together), ("alone", alone), ("exact", right)):
    print(f"{name:9}", *(f"{v:.4f}" for v in values))
assert np.abs(alone - right).max() < 1e-3  # the height is 2e-4
wrong = np.abs(together - right) > 0.05
assert wrong.sum() == 4 and (together[wrong] < 0).all()
PYTHON
