"""
How many views five networks know
=================================

Coverage is a mean. How many different views of one class N networks know is itself a random
number, whose law is known exactly.
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.coverage import distinct_views
from mvtheory.plotting import COLOURS

views = 4
counts = np.arange(1, views + 1)
fig, ax = plt.subplots(layout="constrained")
for place, (networks, hatch) in enumerate({2: "", 5: "//", 10: ".."}.items()):
    law = distinct_views(views=views, networks=networks)
    ax.bar(
        counts + (place - 1) * 0.27, law.pmf(counts), width=0.25, color=COLOURS[place],
        hatch=hatch, edgecolor="white", label=f"N = {networks}, mean {law.mean():.2f}",
    )  # fmt: skip
ax.set_xticks(counts)
ax.set_xlabel(f"D, different views known of the M = {views} of a class")
ax.set_ylabel("probability")
ax.legend(loc="upper left")
plt.show()
