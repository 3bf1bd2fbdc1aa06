#!/usr/bin/env bash
# scikit-rmt 2.1.1, MarchenkoPasturDistribution(ratio=q): for q > 1 the law has an atom of mass
# 1 - 1/q at 0 [Marchenko & Pastur 1967], which is in none of its functions, and they do not agree
# on what is left:
#   pdf   integrates to 1/q: the continuous part, right, without the atom;
#   cdf   is 0 at 0, where the law has 1 - 1/q, and 1 at the upper end: the continuous part
#         rescaled to mass 1;
#   rvs   draws from that rescaled part: the mean of the samples is q, where the law's is 1.
# For q = 1, where there is no atom, every sample is NaN (the density is infinite at 0).
# Seen: q = 2: pdf 0.5000, cdf 0 and 1, mean 1.982; q = 3: pdf 0.3333, cdf 0 and 1, mean 2.993;
# q = 1: 20000 of 20000 samples NaN. Exits with 1 if any of it changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet scikit-rmt==2.1.1 numpy==1.26.4 scipy==1.12.0
"$work/env/bin/python" -W ignore - <<'PYTHON'
import numpy as np
from skrmt.ensemble.spectral_law import MarchenkoPasturDistribution

np.random.seed(0)
for q in (2.0, 3.0):
    law = MarchenkoPasturDistribution(ratio=q)
    low, high = (1 - q**0.5) ** 2, (1 + q**0.5) ** 2
    middle = low + (high - low) * (np.arange(100_000) + 0.5) / 100_000
    mass = law.pdf(middle).mean() * (high - low)
    at_zero, at_end = law.cdf(np.array([0.0, high + 1]))
    samples = law.rvs(size=20_000)
    print(f"q = {q:g}: pdf {mass:.4f}, cdf {at_zero:g} and {at_end:g}, "
          f"mean {samples.mean():.3f}, zeros {(samples < 1e-8).mean():g}; "
          f"the law: atom {1 - 1 / q:.4f}, mean 1")
    assert abs(mass - 1 / q) < 1e-4
    assert at_zero == 0 and at_end == 1
    # Standard error of the mean about 0.015.
    assert abs(samples.mean() - q) < 0.1
    assert not (samples < 1e-8).any()
samples = MarchenkoPasturDistribution(ratio=1.0).rvs(size=20_000)
print(f"q = 1: {np.isnan(samples).sum()} of {samples.size} samples are NaN")
assert np.isnan(samples).all()
PYTHON
