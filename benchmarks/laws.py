"""Speed and accuracy of the spectral laws on one thread, beside scikit-rmt and freealg.

Usage: python benchmarks/laws.py [--scikit-rmt PYTHON] [--freealg PYTHON] [--only WORD] [--record]

PYTHON is the interpreter of an environment of its own that has the peer; it does the same work on
the same points in the same run. `--record` writes benchmarks/records/laws.md.
"""

import os

os.environ.update(dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], "1"))

import argparse
import importlib.util
import inspect
import json
import platform
import subprocess
import tempfile
import time
import warnings
from collections import Counter
from datetime import date
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import mpmath
import numpy as np
from rich.console import Console
from rich.table import Table

from mvtheory import laws
from mvtheory.laws.commutators import FreeCommutator
from mvtheory.laws.free import FreeProduct, FreeSum

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location(
    "reference", HERE.parent / "tests" / "laws" / "reference.py"
)
ref = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(ref)
PEERS = ("scikit-rmt", "freealg")


def measure(make, work):
    """Set-up (a fresh object and its first call, best of 3), time of a later call, its value."""
    cold, warm = [], []
    while len(cold) < 3 and sum(cold) < 4:
        start = time.perf_counter()
        made = make()
        value = work(made)
        cold.append(time.perf_counter() - start)
    while len(warm) < 15 and sum(warm) < 2:
        start = time.perf_counter()
        value = work(made)
        warm.append(time.perf_counter() - start)
    return min(cold), min(warm), value


def scikit_rmt(x):
    from skrmt.ensemble.spectral_law import MarchenkoPasturDistribution

    def make():
        return MarchenkoPasturDistribution(ratio=0.25)

    yield "MP pdf", make, lambda law: law._pdf(x["MP pdf"])  # without the checks of scipy's pdf
    yield "MP cdf", make, lambda law: law.cdf(x["MP cdf"])
    yield "MP ppf", make, lambda law: law.ppf(x["MP ppf"])
    yield "MP rvs", make, lambda law: law.rvs(size=100_000)


def freealg(x):
    from freealg import distributions as d

    def density(law, points):  # as near to the real line as makes the error least
        return law.density(points, eta=1e-12)

    yield "MP pdf", lambda: d.MarchenkoPastur(0.25), lambda law: law.density(x["MP pdf"])
    yield "MP rvs", lambda: d.MarchenkoPastur(0.25), lambda law: law.sample(100_000, seed=0)
    yield "(1,1)", lambda: d.FussCatalan(2), lambda law: density(law, x["(1,1)"])
    for top in (3, 10):
        name = f"{{1,{top}}}"

        def make(top=top):
            return d.DeformedMarchenkoPastur([1, top], [0.5, 0.5], 0.1)

        yield name, make, lambda law, name=name: density(law, x[name])
        yield f"{name} support", make, lambda law: np.ravel(law.support())
    atoms = np.geomspace(1, 100, 50)
    made = d.DeformedMarchenkoPastur(atoms, np.full(50, 0.02), 0.1)
    yield "50 atoms", lambda: made, lambda law: density(law, x["50 atoms"])
    made = d.CompoundFreePoisson([2, 3], [0.6, 0.4], 5 / 6)
    yield "MP + MP", lambda: made, lambda law: density(law, x["MP + MP"])


def ask(peer, python, points):
    """Times and values of a peer, computed by its own interpreter."""
    if not python:
        return {}
    tasks = {"scikit-rmt": scikit_rmt, "freealg": freealg}[peer]
    code = "import json, sys, time\nimport numpy as np\n"
    code += inspect.getsource(measure) + inspect.getsource(tasks)
    code += f"""
found = {{}}
for name, make, work in {tasks.__name__}(np.load(sys.argv[1])):
    cold, warm, value = measure(make, work)
    found[name] = cold, warm, np.asarray(value).tolist()
from importlib.metadata import version
found["version"] = version({peer!r})
open(sys.argv[2], "w").write(json.dumps(found))
"""
    with tempfile.TemporaryDirectory() as folder:
        files = [f"{folder}/points.npz", f"{folder}/found.json"]
        np.savez(files[0], **points)
        subprocess.run([python, "-c", code, *files], check=True, capture_output=True)
        return json.loads(Path(files[1]).read_text())


def along(law, n):
    """Points and weights of the midpoint rule in t, x = low + width sin^2(t/2), in every band."""
    points, weights = [], []
    for low, high in law.support:
        m = max(16, n // len(law.support))
        t = (np.arange(m) + 0.5) * np.pi / m
        points.append(low + (high - low) * np.sin(t / 2) ** 2)
        weights.append((high - low) * np.sin(t) / 2 * np.pi / m)
    return np.concatenate(points), np.concatenate(weights)


def against(function, x, count=200, part=0, mixed=False):
    """A check: largest relative error of values at x (mixed: absolute below 1) on a sample."""
    chosen = np.unique(np.linspace(0, len(x) - 1, count).astype(int))
    exact = []

    def check(law, value):
        if not exact:
            exact.extend(float(np.atleast_1d(function(x[i]))[part]) for i in chosen)
        size = np.abs(exact)
        return np.max(np.abs(np.asarray(value)[chosen] - exact) / np.maximum(size, mixed))

    return check


def edges(exact):
    """A check of the support, relative to each edge."""

    def check(law, value):
        true = np.array([float(e) for e in exact()])
        if np.size(value) != true.size:
            return np.inf
        return np.max(np.abs(np.ravel(value) - true) / np.where(true, np.abs(true), 1))

    return check


def product_edges(scale, ratios):
    """Edges of a product of Wishart laws: z(y) > 0 where d log z/dy = 0; 0 if hard."""
    with mpmath.workdps(40):
        line = [np.array([q, 1], dtype=object) for q in ratios]
        both = [np.array([1, 0], dtype=object), np.array([1, 1], dtype=object), *line]
        rates = [-1, 1, *ratios]
        total = 0
        for k, rate in enumerate(rates):
            term = np.array([mpmath.mpf(rate)], dtype=object)
            for other in both[:k] + both[k + 1 :]:
                term = np.convolve(term, other)
            total = total + term
        total = np.trim_zeros(total, "f")
        roots = mpmath.polyroots(list(total), maxsteps=500, extraprec=200)
        at = [(y, scale * (1 + y) / y * mpmath.fprod(1 + q * y for q in ratios)) for y in roots]
        return sorted(z.real for y, z in at if abs(z) < 1e-30 or (y > 0 or z > 0))


class Covariance:
    """Certified values of many atoms: any root h with Im h > 0 of z(h) = x is the right one, any
    simple real root of z'(h) = 0 an edge, so both may be sought from what the law says."""

    def __init__(self, atoms, q):
        self.t, self.q = [mpmath.mpf(float(t)) for t in atoms], mpmath.mpf(q)

    def start(self, law, x):
        return 1 / (float(self.q) * law.cauchy(x) + (1 - float(self.q)) / x)

    def image(self, h, order):
        n = len(self.t)
        if order == 0:
            return h + self.q / n * mpmath.fsum(t * h / (h - t) for t in self.t)
        parts = mpmath.fsum(t * t / (h - t) ** (order + 1) for t in self.t)
        return (order == 1) - (-1) ** (order + 1) * order * self.q / n * parts

    def solve(self, h, order, goal):
        with mpmath.workdps(30):
            h = mpmath.mpmathify(h)
            for _ in range(30):
                step = (self.image(h, order) - goal) / self.image(h, order + 1)
                h -= step
                if abs(step) < mpmath.mpf(10) ** -24 * abs(h):
                    return h
        return mpmath.mpc(0)

    def density(self, x, count=20):
        def check(law, value):
            worst = 0.0
            for i in np.linspace(0, len(x) - 1, count).astype(int):
                h = self.solve(complex(self.start(law, x[i])), 0, x[i])
                exact = (-1 / h).imag / mpmath.pi / self.q if h.imag > 0 else mpmath.inf
                worst = max(worst, abs(float(value[i] / exact - 1)))
            return worst

        return check

    def edge(self, law, value):
        flat, worst = np.ravel(value), 0.0
        for edge in flat[np.unique(np.linspace(0, flat.size - 1, 40).astype(int))]:
            h = self.solve(float(self.start(law, edge).real), 1, 0)
            worst = max(worst, abs(float(self.image(h, 0) / edge - 1)) if h else np.inf)
        return worst


