"""
Students against their teachers
===============================

A student learns what its teachers know and keeps the view that it wins itself: N teachers are
worth N + 1 networks. A chain of R students, each taught by the one before, is worth R + 1.
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.coverage import distilled, ensemble, self_distilled
from mvtheory.plotting import COLOURS, DASHES, MARKERS

numbers = np.arange(1, 9)
lines = {
    "N networks, averaged": ensemble(views=3, networks=numbers),
    "student of these N": distilled(views=3, networks=numbers),
    "after N rounds of self-distillation": self_distilled(views=3, rounds=numbers),
}
fig, ax = plt.subplots(layout="constrained")
for (name, values), colour, dash, marker in zip(
    lines.items(), COLOURS, DASHES, MARKERS, strict=False
):
    size = 9 if marker == MARKERS[1] else 5  # two of the lines are one
    ax.plot(numbers, values, color=colour, linestyle=dash, marker=marker, ms=size, label=name)
ax.set_xlabel("N, networks or rounds")
ax.set_ylabel("C, coverage, share of class-view pairs")
ax.set_title("Three views of each class")
ax.legend()
plt.show()
