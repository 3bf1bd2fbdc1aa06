#!/usr/bin/env bash
# scikit-rmt 2.1.1, ManovaSpectrumDistribution(ratio_a, ratio_b): its documentation says
# "ratio_a ... The value of a = p/n1" and "b = p/n2"; the law it computes is that of a = n1/p,
# b = n2/p (its own ManovaEnsemble passes those). With the ratios as documented it is another law,
# without an error. Seen: for p = 400, n1 = 300, n2 = 200 the edges are 0.011 and 0.909, sampled
# matrices have 0.044 and 0.822; for p = 400, n1 = 1200, n2 = 800 the edges are NaN and the density
# is 0 everywhere.
# Exits with 1 if any of it changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet scikit-rmt==2.1.1 numpy==1.26.4 scipy==1.12.0
"$work/env/bin/python" -W ignore - <<'PYTHON'
import inspect

import numpy as np
from skrmt.ensemble.spectral_law import ManovaSpectrumDistribution

words = " ".join(inspect.getdoc(ManovaSpectrumDistribution.__init__).split())
assert "of a = p/n1" in words and "b = p/n2" in words
rng = np.random.default_rng(0)
x = np.linspace(0, 1, 20_002)[1:-1]
for p, n1, n2 in ((400, 300, 200), (400, 1200, 800)):
    a, b = (m @ m.T for m in (rng.standard_normal((p, n)) for n in (n1, n2)))
    values = np.sort(np.linalg.eigvals(np.linalg.solve(a + b, a)).real)
    # Where p > n1 there is an atom at 0, and where p > n2 one at 1.
    values = values[(values > 1e-9) & (values < 1 - 1e-9)]
    print(f"p, n1, n2 = {p}, {n1}, {n2}: sampled {values.min():.3f} to {values.max():.3f}")
    for words, ratios in (("documented", (p / n1, p / n2)), ("inverted", (n1 / p, n2 / p))):
        law = ManovaSpectrumDistribution(*ratios)
        mass = np.nan_to_num(law.pdf(x)).mean()
        print(f"  {words} ratios: {law.lambda_minus:.3f} to {law.lambda_plus:.3f}, mass {mass:.3f}")
        edges = np.array([law.lambda_minus, law.lambda_plus])
        away = np.abs(edges - [values.min(), values.max()]).max()
        # Edges of matrices of 400 rows are within 400^(-2/3) = 0.02 of those of the law.
        assert (words == "documented") != (away < 0.02)
        assert (n1 == 1200 and words == "documented") == bool(np.isnan(edges).all() and mass == 0)
PYTHON
