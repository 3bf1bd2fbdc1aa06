"""
Odds of a view that is shown more weakly
========================================

A view with a smaller S, the mean q-th power of its coefficient, wins more seldom, and hardly ever
in wide networks, whose largest responses are all nearly the same.
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.plotting import COLOURS, DASHES
from mvtheory.race import win_probabilities

strengths = np.linspace(0.3, 1, 40)
pairs = np.stack([np.ones_like(strengths), strengths], axis=-1)
fig, ax = plt.subplots(layout="constrained")
for neurons, colour, dash in zip((3, 20, 1000), COLOURS, DASHES, strict=False):
    odds = win_probabilities(pairs, power=4, neurons=neurons)[:, 1]
    ax.plot(strengths, odds, color=colour, linestyle=dash, label=f"m = {neurons} neurons")
ax.set_xlabel("S of the weaker view over that of the stronger")
ax.set_ylabel("probability that the weaker view wins")
ax.set_title("Power q = 4")
ax.legend()
plt.show()
