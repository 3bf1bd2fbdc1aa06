"""Draw docs/ensemble.png: ensembles predicted from three networks, and trained ones.

Usage: python docs/ensemble.py (a minute on two cores; needs the extra "validation")
"""

from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("agg")

from mvtheory.ensembles import advise_ensemble
from mvtheory.plotting import plot_ensemble
from validation.data import ManyClasses
from validation.experiments.students.networks import train_members
from validation.training.optimizer import Optimizer

CLASSES, MEMBERS, LATER = 40, 3, 32

problem = ManyClasses(classes=CLASSES, dimension=40, seed=5)
rng = np.random.default_rng(5)
training, test = problem.sample(1500, rng), problem.sample(5000, rng)
(logits,) = train_members(
    training,
    CLASSES,
    [test.inputs],
    [np.random.SeedSequence(5, spawn_key=(n,)) for n in range(MEMBERS + LATER)],
    hidden=64,
    optimizer=Optimizer(method="adam", rate=0.002, final=0.1),
    steps=1500,
    batch=50,
)
advice = advise_ensemble(test.labels, logits[:MEMBERS])
later = advise_ensemble(test.labels, logits[MEMBERS:])
axes = plot_ensemble(advice, reached=later.subsets)
path = Path(__file__).with_name("ensemble.png")
axes[0].get_figure().savefig(path, dpi=200, metadata={"Software": None})
print(advice)
for size in (1, 2, 4, 8, 16, 32):
    at = advice.at([size])
    print(f"{size:3d} networks: {at.accuracy[0]:.4f} ({at.low[0]:.4f} to {at.high[0]:.4f}), "
          f"then {later.subsets.accuracy[size - 1]:.4f}")  # fmt: skip
