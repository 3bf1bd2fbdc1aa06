"""
With power 2 nothing wins
=========================

Two layers of plain ReLUs grow with power 2. Strengths keep their ratio, and every view is learned
in the end. From power 3 on the loser stays where it began.
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.plotting import COLOURS, DASHES
from mvtheory.race import loser_strength

growth = np.geomspace(1, 1000, 200)
fig, ax = plt.subplots(layout="constrained")
for power, colour, dash in zip((2, 2.5, 3, 4), COLOURS, DASHES, strict=False):
    loser = loser_strength(strength=0.001, handicap=0.8, growth=growth, power=power)
    ax.loglog(growth, loser / 0.001, color=colour, linestyle=dash, label=f"q = {power:g}")
ax.set_xlabel("growth of the winner since the start, a factor")
ax.set_ylabel("growth of the loser, a factor")
ax.set_title("Loser with an escape time 1/0.8 of the winner's")
ax.legend()
plt.show()
