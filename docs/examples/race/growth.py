"""
A race that the leader wins at the end
======================================

A view grows by a power q - 1 of its own strength, so a small lead in the initial weights becomes
everything: the loser has hardly moved when the winner escapes.
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.plotting import COLOURS
from mvtheory.race import loser_strength, strength_before_escape

start, lead, power = 0.01, 0.9, 4
elapsed = np.linspace(0, 0.99995, 400)
winner = strength_before_escape(strength=start, elapsed=elapsed, power=power)
fig, ax = plt.subplots(layout="constrained")
loser = loser_strength(
    strength=lead * start, handicap=lead ** (power - 2), growth=winner / start, power=power
)
ax.plot(elapsed, winner, color=COLOURS[0], label="view with the larger start")
ax.plot(elapsed, loser, color=COLOURS[1], linestyle="--", label=f"view with {lead} of it")
ax.set_yscale("log")
ax.set_xlabel("time, as a share of the winner's escape time")
ax.set_ylabel("strength, in units of the ReLU's threshold")
ax.set_title(f"Power q = {power}")
ax.legend()
plt.show()
