"""
Rounds of self-distillation in Hilbert space
============================================

A kernel regression that learns its own fit shrinks every round. The norm of the fit is held
between two bounds, and ends at 0 in a number of rounds that is known beforehand.
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.plotting import COLOURS
from mvtheory.self_distillation import distill, norm_at_least, norm_at_most

rng = np.random.default_rng(2)
eigenvalues = np.geomspace(1, 20, 40)
run = distill(eigenvalues, rng.normal(size=40), tolerance=0.01, rounds=8)
norms = run.relative_norms
rounds = np.arange(len(norms))
facts = {"relative_norm": norms[0], "rounds": rounds}
fig, ax = plt.subplots(layout="constrained")
ax.plot(rounds, norms, "o", color=COLOURS[0], label="the recursion")
ax.plot(rounds, norm_at_least(**facts), "--", color=COLOURS[1], label="at least")
ax.plot(rounds, norm_at_most(condition=20, **facts), ":", color=COLOURS[2], label="at most")
ax.set_xlabel("rounds of self-distillation")
ax.set_ylabel("norm of the fitted values over sqrt(n eps)")
ax.legend()
plt.show()
