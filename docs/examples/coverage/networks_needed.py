"""
How many networks are needed
============================

Coverage of 95 % takes a number of networks in proportion to the views. That every view of every
class is known, with 95 % certainty, takes more: the last view is the hard one.
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.coverage import networks_for_coverage, networks_for_full_coverage
from mvtheory.plotting import COLOURS, DASHES, MARKERS

views = np.arange(2, 11)
lines = {
    "coverage of 95 %": networks_for_coverage(views=views, coverage=0.95),
    "all views of 10 classes": networks_for_full_coverage(views=views, classes=10, confidence=0.95),
    "all views of 1000 classes": networks_for_full_coverage(
        views=views, classes=1000, confidence=0.95
    ),
}
fig, ax = plt.subplots(layout="constrained")
for (name, values), colour, dash, marker in zip(
    lines.items(), COLOURS, DASHES, MARKERS, strict=False
):
    ax.plot(views, values, color=colour, linestyle=dash, marker=marker, label=name)
ax.set_xlabel("M, views of each class")
ax.set_ylabel("N, networks in the ensemble")
ax.legend()
plt.show()
