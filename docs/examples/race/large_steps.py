"""
A phase diagram along the learning rate
=======================================

Of four pathways of a deep linear network one takes a class while steps are small. Beyond the rate
2/L that solution is too sharp for descent, which shares the class until it is flat enough: by the
edge of stability (lines), as in networks that are followed step by step (shades).
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.race import critical_rate, descend_pathways, pathway_sharpness

depths, edge = np.arange(3, 6), np.linspace(0.7, 1.6, 19)  # rates in units of 2/L
start = np.random.default_rng(0).normal(0.12, 0.06, size=(60, 4)).clip(0.02)


def effective(depth, rate):
    # As many as are as sharp when they share evenly.
    shares = descend_pathways(start, 1.0, depth=depth, rate=rate, steps=6000)
    sharp = pathway_sharpness(shares=shares / shares.sum(axis=-1, keepdims=True), depth=depth)
    return np.median((depth / sharp) ** (depth / (depth - 2)))


found = [[effective(depth, 2 / depth * x) for x in edge] for depth in depths]
fig, ax = plt.subplots(layout="constrained")
shades = ax.pcolormesh(edge, depths, found, cmap="Blues", vmin=1, vmax=4)
fig.colorbar(shades, label="pathways that share a class (median of 60 networks)")
for pathways, dash in zip((1, 2, 3), ("-", "--", ":"), strict=True):
    line = [critical_rate(pathways=pathways, depth=int(d)) * d / 2 for d in depths]
    ax.plot(line, depths, dash, color="black", label=f"edge of {pathways}")
ax.set_xlim(0.7, 1.6)
ax.set_yticks(depths)
ax.set_xlabel("learning rate, in units of 2/L")
ax.set_ylabel("depth L")
ax.legend()
plt.show()
