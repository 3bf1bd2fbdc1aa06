"""
Votes lose what averages keep
=============================

A network that knows a view is sure of it and overrules the others in an average. In a vote it
counts as one: at three views more voters make it worse.
"""

import matplotlib.pyplot as plt
import numpy as np

from mvtheory.coverage import ensemble, majority_vote
from mvtheory.plotting import COLOURS, MARKERS

networks = np.arange(1, 16, 2)
fig, ax = plt.subplots(layout="constrained")
for place, views in enumerate((2, 3)):
    style = {"color": COLOURS[place], "marker": MARKERS[place]}
    average = ensemble(views=views, networks=networks)
    vote = majority_vote(views=views, networks=networks)
    ax.plot(networks, average, **style, label=f"average, M = {views}")
    ax.plot(networks, vote, **style, linestyle=":", fillstyle="none", label=f"vote, M = {views}")
ax.set_xlabel("N, networks in the ensemble")
ax.set_ylabel("share of class-view pairs put right")
ax.legend()
plt.show()
