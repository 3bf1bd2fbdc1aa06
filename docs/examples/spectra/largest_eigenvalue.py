"""
How far an eigenvalue may stray
===============================

The largest eigenvalue of a random matrix follows the Tracy-Widom law: what stands beyond its tail
is no noise.
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.laws import TracyWidom
from mvtheory.plotting import COLOURS, DASHES

x = np.linspace(-6, 4, 400)
fig, ax = plt.subplots(layout="constrained")
for beta, colour, dash in zip((1, 2, 4), COLOURS, DASHES, strict=False):
    law = TracyWidom(beta=beta)
    ax.plot(x, law.pdf(x), color=colour, linestyle=dash, label=f"beta = {beta}")
    ax.plot(law.isf(0.05), law.pdf(law.isf(0.05)), "o", color=colour)
ax.set_xlabel("largest eigenvalue, centred at the edge and scaled by its size")
ax.set_ylabel("density")
ax.legend(title="dot: exceeded once in 20")
plt.show()
