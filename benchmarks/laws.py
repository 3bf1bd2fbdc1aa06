"""Speed and accuracy of the spectral laws on one thread, beside scikit-rmt and freealg.

Usage: python benchmarks/laws.py [--scikit-rmt PYTHON] [--freealg PYTHON] [--record]

PYTHON is the interpreter of an environment of its own that has the peer, which does the same work
on the same points in the same run. `--record` writes benchmarks/records/laws.md.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import argparse
import importlib
import inspect
import json
import subprocess
import sys
import tempfile
import time
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path

import mpmath
import numpy as np
from rich.console import Console
from rich.table import Table

from mvtheory import laws as m
from mvtheory.laws.free.free_commutator import FreeCommutator
from mvtheory.laws.solvers.free_product import FreeProduct
from mvtheory.laws.solvers.free_sum import FreeSum

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "laws"))
ref = importlib.import_module("reference")

NOTES = """Best times, 1e4 points (1e3 for commutators, 1e5 samples); set-up: a fresh law and its
first call, to which cold bars hold. Errors: relative to mpmath on samples of the points, absolute
below 1 for cdf and operations; many atoms only by their mass; inf: another number of edges. Peers:
time, median departure from the values here, points that depart by over 0.01; scikit-rmt's bare pdf,
freealg but for MP at height 1e-12, where its median departs least; — where nothing was compared."""
COLUMNS = ("", "time", "set-up", "error", "bar", "held", "scikit-rmt", "freealg")
ROWS, POINTS = [], {"MP ppf": np.random.default_rng(0).random(10_000)}
FOUND = {"scikit-rmt": {}, "freealg": {}}
WISHART = ((3, 0.5), (0.5, -0.2))
TWO = ([-3, 3], [0.5, 0.5]), ([-0.5, 0, 1], [0.75, 0.125, 0.125])
POSITIVE = ([1, 5], [0.5, 0.5]), ([0.5, 2], [0.25, 0.75])


def mp(q):
    return m.MarchenkoPastur(aspect_ratio=q)


def gw(q, rho):
    return m.GeneralizedWishart(aspect_ratio=q, correlation=rho)


def sc(variance):
    return m.Semicircle(variance=variance)


def add(*laws):
    return FreeSum(terms=tuple((law, 1.0) for law in laws))


def discrete(pairs):
    return tuple(m.Discrete(atoms=a, weights=w) for a, w in pairs)


def covariance(atoms, q=0.1):
    return m.GeneralizedCovariance(population=atoms, aspect_ratio=q)


LAWS = {
    **{f"MP {q:g}": partial(mp, q) for q in (0.25, 1, 2, 1e-8)},
    **{f"Wishart {q}": partial(gw, *q) for q in ((0.5, 0.5), (0.1, -0.3), (2, 0))},
    "product (0.5, 2)": lambda: m.WishartProduct(aspect_ratios=(0.5, 2)),
    "product (1, 1)": lambda: m.WishartProduct(aspect_ratios=(1, 1)),
    "{1, 3}": lambda: covariance([1, 3]),
    "{1, 10}": lambda: covariance([1, 10]),
    "50 atoms": lambda: covariance(np.geomspace(1, 100, 50)),
    "50 atoms, 50 bands": lambda: covariance(np.geomspace(1, 100, 50), 0.01),
    "1000 atoms": lambda: covariance(np.geomspace(1, 100, 1000)),
    "sum of MP": lambda: add(mp(2), mp(3)),
    "sum of Wishart": lambda: add(*(gw(*a) for a in WISHART)),
    "sum of discrete": lambda: add(*discrete(TWO)),
    "product of MP": lambda: FreeProduct(parts=(mp(0.5), mp(2))),
    "product of discrete": lambda: FreeProduct(parts=discrete(POSITIVE)),
    "semicircles {a, b}": lambda: m.anticommutator(sc(4), sc(2.25)),
    "semicircles {a, b}, generic": lambda: FreeCommutator(a=sc(4), b=sc(2.25), sign=1),
    "MP {a, b}": lambda: m.anticommutator(mp(0.5), mp(0.25)),
}


def measure(make, work):
    """Set-up (best of up to 5), time of a later call (best of up to 25), and what it gives."""
    cold, warm, made = [], [], None
    for times, most in ((cold, 5), (warm, 25)):
        while len(times) < most and sum(times) < 5:
            start = time.perf_counter()
            made = make() if times is cold else made
            value = work(made)
            times.append(time.perf_counter() - start)
    return min(cold), min(warm), value


def scikit_rmt(x):
    from skrmt.ensemble.spectral_law import MarchenkoPasturDistribution as Law

    # The bare pdf: scipy's checks of the argument take several times as long.
    yield "MP 0.25 pdf", lambda: Law(ratio=0.25), lambda law: law._pdf(x["MP 0.25 pdf"])
    yield "MP 0.25 cdf", lambda: Law(ratio=0.25), lambda law: law.cdf(x["MP 0.25 pdf"])
    yield "MP 0.25 ppf", lambda: Law(ratio=0.25), lambda law: law.ppf(x["MP ppf"][::10])
    yield "MP 0.25 rvs", lambda: Law(ratio=0.25), lambda law: law.rvs(size=100_000)


def freealg(x):
    from freealg import distributions as d

    yield "MP 0.25 pdf", lambda: d.MarchenkoPastur(0.25), lambda law: law.density(x["MP 0.25 pdf"])
    yield "MP 0.25 rvs", lambda: d.MarchenkoPastur(0.25), lambda law: law.sample(100_000, seed=0)
    many = np.geomspace(1, 100, 50), np.full(50, 0.02), 0.1
    for name, make, every in (
        ("product (1, 1)", lambda: d.FussCatalan(2), 1),
        ("{1, 3}", lambda: d.DeformedMarchenkoPastur([1, 3], [0.5, 0.5], 0.1), 1),
        ("{1, 10}", lambda: d.DeformedMarchenkoPastur([1, 10], [0.5, 0.5], 0.1), 1),
        ("50 atoms", lambda: d.DeformedMarchenkoPastur(*many), 100),
        ("sum of MP", lambda: d.CompoundFreePoisson([2, 3], [0.6, 0.4], 5 / 6), 1),
    ):
        points = x[f"{name} pdf"][::every]
        yield f"{name} pdf", make, lambda law, points=points: law.density(points, eta=1e-12)
        if every == 1:
            yield f"{name} support", make, lambda law: np.ravel(law.support())


def ask(peer, python):
    """What a peer finds, in its own interpreter."""
    tasks = {"scikit-rmt": scikit_rmt, "freealg": freealg}[peer]
    code = "import json, sys, time\nfrom importlib.metadata import version\nimport numpy as np\n"
    code += f"""{inspect.getsource(measure)}{inspect.getsource(tasks)}
found = {{"version": version({peer!r})}}
for name, make, work in {tasks.__name__}(dict(np.load(sys.argv[1]))):
    *times, value = measure(make, work)
    found[name] = [*times, np.asarray(value).tolist()]
open(sys.argv[2], "w").write(json.dumps(found))
"""
    with tempfile.TemporaryDirectory() as folder:
        files = [f"{folder}/points.npz", f"{folder}/found.json"]
        np.savez(files[0], **POINTS)
        subprocess.run([python, "-c", code, *files], check=True, capture_output=True)
        return json.loads(Path(files[1]).read_text())


def apart(value, exact, mixed=0):
    """Relative errors, absolute where |exact| < mixed; infinite if they are not as many."""
    if np.shape(value) != np.shape(exact):
        return np.array([np.inf])
    size = np.maximum(np.abs(exact), mixed)
    return np.abs(value - np.asarray(exact)) / np.where(size, size, 1)


def row(law, what, work, checks, bar=0, cold=False):
    """Time and check; `checks` are (words, check(law, value), largest allowed)."""
    name, make = f"{law} {what}", LAWS[law]
    try:
        first, later, value = measure(make, work)
        errors = [(words, float(check(make(), value)), most) for words, check, most in checks]
    except Exception as error:  # the row says so, the others go on
        ROWS.append((name, "", "", f"{type(error).__name__}: {error}", "", "NO", "", ""))
        return
    peers = []
    for found in FOUND.values():
        _, seconds, theirs = found.get(name, (0, 0, ()))
        peers.append(f"{seconds * 1e3:.3g} ms" if seconds else "—" if found else "not run")
        if seconds and "rvs" not in name:
            ours = np.ravel(value)[:: max(1, np.size(value) // max(1, len(theirs)))]
            gap = apart(np.array(theirs), ours, 1)
            peers[-1] += f" for {gap.size}" * (gap.size < np.size(value))
            peers[-1] += f", {np.median(gap):.0e}" + f", {np.sum(gap > 0.01)} off" * any(gap > 0.01)
    allowed = [f"{most:.2g}" for *_, most in errors]
    allowed = [f"{round(bar, 3):g} ms" + " cold" * cold, *allowed] if bar else allowed
    held = (first if cold else later) * 1e3 <= (bar or np.inf)
    held &= all(e <= most for _, e, most in errors)
    said = "; ".join(f"{words} {e:.1e}".strip() for words, e, _ in errors)
    times = f"{later * 1e3:.3g} ms", f"{first * 1e3:.3g} ms"
    ROWS.append((name, *times, said, ", ".join(allowed), "yes" if held else "NO", *peers))


def along(law, n=10_000):
    """Points and weights of the midpoint rule in t, x = low + width sin^2(t/2), over all bands."""
    low, high = np.array(law.support).T[:, :, None]
    t = (np.arange(n // low.size) + 0.5) * np.pi / (n // low.size)
    weight = (high - low) * np.sin(t) / 2 * np.pi / t.size
    return (low + (high - low) * np.sin(t / 2) ** 2).ravel(), weight.ravel()


def sampled(exact, x, most, count=200, mixed=0, words="", of=lambda law, value: value):
    """A check against an exact function on some of the points."""
    some = np.unique(np.linspace(0, len(x) - 1, count).astype(int))

    def check(law, value):
        return np.max(apart(of(law, value)[some], [float(exact(x[i])) for i in some], mixed))

    return words, check, most


def closed(name, most, bar, triplet=None, factor=1, edges=None, near=()):
    """Rows of the pdf, of points near edges and of the support; of many atoms by their mass."""
    (x, weight), ends = along(LAWS[name]()), np.array(LAWS[name]().support)

    def exact(v):
        if name.startswith("product"):
            return ref.product(v, 1, [(q, triplet.count(q)) for q in set(triplet)])[0]
        return ref.rational(v, 0, 0, *triplet)[0] / factor

    def mass(law, value):
        found = np.sum((value * weight).reshape(len(ends), -1), axis=1)
        return np.max(np.abs(np.cumsum(found) - law.cdf(ends[:, 1])))

    checks = [sampled(exact, x, most)] if triplet else []
    checks += [("mass", mass, 1e-8)] if bar > 3 else []
    row(name, "pdf", lambda law: law.pdf(x), checks, bar, bar > 3)
    for words, points, allowed in near:
        check = sampled(exact, points, allowed)
        row(name, f"pdf {words}", lambda law, x=points: law.pdf(x), [check])
    if triplet and not edges:
        edges = ref.rational_edges(0, 0, *triplet)
    true = np.array([float(e) for e in edges or ()])
    checks = [("", lambda law, value: np.max(apart(value, true)), 1e-14)] if edges else []
    row(name, "support", lambda law: np.ravel(law.support), checks, 5, True)


def marchenko_pastur():
    x, p, peer = POINTS["MP 0.25 pdf"], POINTS["MP ppf"], FOUND["scikit-rmt"]
    for q in (0.25, 1, 2, 1e-8):
        bar = 1.5e3 * peer["MP 0.25 pdf"][1] if peer else 0
        closed(f"MP {q:g}", 1e-14, bar, ref.marchenko_pastur(q))
    near = [1 + s * d for s in (-1, 0, 1) for d in (1e-6, 1e-9, 1e-12)]
    flat = [(q, v) for q in (*np.geomspace(1e-8, 1e8, 33), *near) for v in along(mp(q), 20)[0]]

    def exact(point):
        return ref.rational(point[1], 0, 0, *ref.marchenko_pastur(point[0]))[1]

    def extreme(law, value):
        return np.array([mp(q).cdf(v) for q, v in flat])

    easy = sampled(exact, [(0.25, v) for v in x], 1e-13, mixed=1)
    hard = sampled(exact, flat, 1e-13, len(flat), 1, "1e-8 to 1e8 and near 1", extreme)
    row("MP 0.25", "cdf", lambda law: law.cdf(x), [easy, hard])
    for q in (0.25, 2):
        above = p > 1 - 1 / q
        residual = "", lambda law, v, above=above: np.max(np.abs(law.cdf(v) - p)[above]), 1e-12
        atom = "at atom", lambda law, v, above=above: np.sum((v == 0) == above), 0
        row(f"MP {q}", "ppf", lambda law: law.ppf(p), [residual, atom], 10)


def operations():
    def known(law):
        return lambda v: (law.pdf(v), law.cdf(v))

    cases = {
        "sum of MP": known(m.free_add(mp(2), mp(3))),
        "sum of Wishart": known(m.free_add(*(gw(*a) for a in WISHART))),
        "product of MP": known(m.free_multiply(mp(0.5), mp(2))),
        "sum of discrete": lambda v: ref.discrete_sum(v, *TWO[0], *TWO[1]),
        "product of discrete": lambda v: ref.discrete_product(v, *POSITIVE[0], *POSITIVE[1]),
        "semicircles {a, b}": lambda v: ref.anticommutator_semicircles(v, 4, 2.25),
    }
    cases["semicircles {a, b}, generic"] = cases["semicircles {a, b}"]
    for name, exact in cases.items():
        x, bars = POINTS[f"{name} pdf"], (500, 1e-8, 1)
        some = slice(0, None, len(x) // (12 if "discrete" in name else 200))
        density, mass = np.array([[float(v) for v in exact(p)[:2]] for p in x[some]]).T
        if "{" in name:
            bars = (2000, 1e-7) if "generic" in name else (5, 1e-12)

        def cdf(law, value, x=x[some], mass=mass):
            return np.max(np.abs(law.cdf(x) - mass)) / (law.error_estimate + 1e-14)

        def own(law, value, some=some, density=density):
            return np.max(apart(value[some], density, 1))

        checks = [("", own, bars[1]), ("cdf error/estimate", cdf, 1)]
        row(name, "pdf", lambda law, x=x: law.pdf(x), checks, bars[0], bars[0] > 5)
    y, weight = along(LAWS["MP {a, b}"](), 1000)

    def moments(law, value):
        """E[(ab + ba)^k], k = 0, 1, 2, from E[a^2] = 3/2 and E[b^2] = 5/4."""
        found = np.array([(value * weight) @ y**k for k in range(3)])
        return np.max(apart(found, [1, 2, 2 * (3 / 2 + 5 / 4 - 1) + 2 * 3 / 2 * 5 / 4]))

    checks = [("moments 0 to 2", moments, 1e-7)]
    row("MP {a, b}", "pdf", lambda law: law.pdf(y), checks, 2000, True)


def kolmogorov(law, sample):
    x, counts = np.unique(sample, return_counts=True)
    after, n = np.cumsum(counts) / len(sample), len(sample)
    return np.max(np.abs([after - law.cdf(x), after - counts / n - law.cdf(x, "left")]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for peer in FOUND:
        parser.add_argument(f"--{peer}", metavar="PYTHON", dest=peer)
    parser.add_argument("--record", action="store_true")
    chosen = vars(parser.parse_args())
    for name, make in LAWS.items():
        POINTS[f"{name} pdf"] = along(make(), 1000 if "{a" in name else 10_000)[0]
    FOUND.update({peer: ask(peer, chosen[peer]) for peer in FOUND if chosen[peer]})
    marchenko_pastur()
    zero = np.outer([-1, 1], np.geomspace(1e-15, 0.1, 40)).ravel()
    for a in ((0.5, 0.5), (0.1, -0.3), (2, 0)):
        near = [("1e-10 from edges", np.add(gw(*a).support[0], [1e-10, -1e-10]), 1e-11)]
        near = [("1e-15 to 0.1 from 0", zero, 1e-10)] if a == (2, 0) else near
        closed(f"Wishart {a}", 1e-13, 3, ref.generalized_wishart(*a), near=near)
    # Where z(y) = (1 + y)(1 + y/2)(1 + 2 y)/y stands still: 2 y^3 + 7/2 y^2 = 1.
    y = [mpmath.findroot(lambda y: 2 * y**3 + 3.5 * y**2 - 1, start) for start in (-0.7, 0.5)]
    wishart_edges = [(1 + v) * (1 + v / 2) * (1 + 2 * v) / v for v in y]
    closed("product (0.5, 2)", 1e-12, 3, [0.5, 2], edges=wishart_edges)
    near = [("from 1e-12 to 1", np.geomspace(1e-12, 1, 99), 1e-12)]
    closed("product (1, 1)", 1e-12, 3, [1, 1], edges=[0, 27 / 4], near=near)
    for t in (3, 10):
        closed(f"{{1, {t}}}", 1e-10, 50, ([0.05, 0.05], [1, t]), 0.1)
    for name, bar in (("50 atoms", 100), ("50 atoms, 50 bands", 100), ("1000 atoms", 1000)):
        closed(name, 0, bar)
    operations()
    checks = [("Kolmogorov", kolmogorov, 1.95 / np.sqrt(1e5))]
    for name in ("MP 0.25", "MP 2", *[*LAWS][6:11], "sum of discrete"):
        row(name, "rvs", lambda law: law.rvs(100_000, np.random.default_rng(0)), checks, 20)
    table = Table(*COLUMNS)
    for one in ROWS:
        table.add_row(*one, style="red" if one[5] == "NO" else None)
    Console(width=None if sys.stdout.isatty() else 180).print(table)
    if chosen["record"]:
        used = [Path("/proc/cpuinfo").read_text().split("model name\t: ")[1].split("\n")[0]]
        used += [f"Python {sys.version.split()[0]}"]
        used += [f"{p} {version(p)}" for p in ("numpy", "scipy", "mpmath")]
        used += [f"{peer} {found['version']}" for peer, found in FOUND.items() if found]
        lines = ["# Spectral laws on one thread", "", f"{date.today()}, {', '.join(used)}.", ""]
        lines += [NOTES, "", *("| " + " | ".join(r) + " |" for r in [COLUMNS, ["---"] * 8, *ROWS])]
        (HERE / "records" / "laws.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
