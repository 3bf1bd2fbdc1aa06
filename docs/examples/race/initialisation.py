"""
One view only where the start is small
======================================

Coverage is 1/M in the limit of small initial weights. At a finite start some losers are learned
after the winner; how many, the growth law foretells.
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.plotting import COLOURS, DASHES
from mvtheory.race import expected_coverage

deviations = np.geomspace(1e-4, 0.3, 30)
fig, ax = plt.subplots(layout="constrained")
for power, colour, dash in zip((2, 3, 4), COLOURS, DASHES, strict=False):
    found = [expected_coverage(2, 6, power, deviation, late_growth=3) for deviation in deviations]
    ax.semilogx(deviations, found, color=colour, linestyle=dash, label=f"q = {power}")
ax.axhline(1 / 2, color="0.6", linewidth=0.8)
ax.annotate("1/M", (2e-4, 0.505), color="0.4")
ax.set_xlabel("deviation of initial responses, in units of the ReLU's threshold")
ax.set_ylabel("C, coverage of one network")
ax.set_title("Two views, six neurons a class")
ax.legend()
plt.show()
