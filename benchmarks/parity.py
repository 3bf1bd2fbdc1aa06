"""What four packages know of spectral laws, how well and how fast: a table of all of them.

Usage: python benchmarks/parity.py [--peers FOLDER] [--only WORDS] [--record FILE]

Each peer is installed, pinned, in an environment of its own below FOLDER (a temporary one if none
is given; one that is there already is used) and answers through a pipe; mvtheory answers in this
interpreter's. Rows are declared in `parity_rows.py`; values are held to 50 digits. One thread each.
Times are the least of up to three, the law made anew each time, so they hold what a first call
costs but for imports and what a package keeps for the whole process.
"""

import argparse
import json
import os
import select
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
from parity_rows import ENSEMBLES, PACKAGES, ROWS, SETUP, SIZE, Row
from revisions import ONE_THREAD, ROOT, git

PATIENCE = 90
"""Seconds after which a row of a package is given up."""
WORKER = """
import json, os, sys, time, warnings
out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
warnings.simplefilter("ignore")
import numpy as np
space = {"np": np}
setup = json.loads(sys.stdin.readline())
exec(setup, space)
for line in sys.stdin:
    task = json.loads(line)
    space["x"] = np.array(task["x"])
    times, begun = [], time.perf_counter()
    try:
        while len(times) < 3 and time.perf_counter() - begun < 5:
            space["rng"] = np.random.default_rng(0)
            start = time.perf_counter()
            value = eval(task["code"], space)
            times.append(time.perf_counter() - start)
        found = np.ravel(np.asarray(value, dtype=float)).tolist()
        answer = {"value": found, "seconds": min(times)}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"[:80]}
    print(json.dumps(answer), file=out, flush=True)
"""


class Package:
    """A package in a process of its own."""

    def __init__(self, name: str, python: str):
        self.name, self.python = name, python
        self.process = self._started()

    def _started(self) -> subprocess.Popen[str]:
        path = {"PYTHONPATH": str(ROOT)} if self.name == "mvtheory" else {"PYTHONPATH": ""}
        process = subprocess.Popen(
            (self.python, "-c", WORKER), env=os.environ | ONE_THREAD | path, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        process.stdin.write(json.dumps(SETUP[self.name]) + "\n")
        return process

    def ask(self, code: str, points: Any) -> dict[str, Any]:
        """Values and seconds, or what went wrong."""
        task = json.dumps({"code": code, "x": np.asarray(points).tolist()})
        self.process.stdin.write(task + "\n")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        line = self.process.stdout.readline() if ready else ""
        if line:
            return json.loads(line)
        self.close()
        self.process = self._started()
        return {"error": "the process ended" if ready else f"no answer in {PATIENCE} s"}

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


def installed(folder: Path, name: str) -> str:
    """The interpreter of an environment with a pinned package."""
    python = folder / name / "bin" / "python"
    if not python.exists():
        venv.create(folder / name, with_pip=True)
        pinned = f"{name}=={PACKAGES[name]}"
        subprocess.run((python, "-m", "pip", "install", "-q", pinned), check=True)
    return str(python)


def exactly(row: Row) -> Any:
    """Its values with 50 digits, as floats."""
    return np.array([float(mpmath.re(row.exact(mpmath.mpf(float(x))))) for x in row.points])


def said(answer: dict[str, Any] | None, exact: Any, ours: float | None) -> tuple[str, ...]:
    """Cells: value at the middle point, error, time, ratio."""
    if answer is None:
        return "—", "", "", ""
    if "error" in answer:
        return f"fails: {answer['error']}".replace("|", "/"), "", "", ""
    value, seconds = np.array(answer["value"]), answer["seconds"]
    ratio = f"{seconds / ours:.2g}" if ours else ""
    if value.shape != exact.shape:
        return f"{value.size} values", "", f"{seconds * 1e3:.3g} ms", ratio
    gap = np.abs(value - exact).max() / np.abs(exact).max()
    return f"{value[exact.size // 2]:.10g}", f"{gap:.0e}", f"{seconds * 1e3:.3g} ms", ratio


def line(row: Row, packages: dict[str, Package]) -> list[str]:
    exact = exactly(row)
    answers = {name: packages[name].ask(code, row.points) for name, code in row.asked.items()}
    ours = answers.get("mvtheory", {}).get("seconds")
    cells = [row.what, f"{row.points[exact.size // 2]:.4g}", f"{exact[exact.size // 2]:.10g}"]
    cells += said(answers.get("mvtheory"), exact, None)[:3]
    for name in PACKAGES:
        cells += said(answers.get(name), exact, ours)
    return cells


def of_ensembles(packages: dict[str, Package]) -> list[list[str]]:
    """Matrices: the largest distance between the sample's distribution and the law's."""
    found = []
    for what, (ours, theirs, law) in ENSEMBLES.items():
        cells, times = [f"{what}, n = {SIZE}"], []
        for name, code in (("mvtheory", ours), ("scikit-rmt", theirs)):
            answer = packages[name].ask(code, [])
            if "error" in answer:
                cells += [f"fails: {answer['error']}", ""]
                continue
            values = np.sort(answer["value"])
            mass = np.array(packages["mvtheory"].ask(f"{law}.cdf(x)", values)["value"])
            steps = np.arange(values.size + 1) / values.size
            gap = np.max(np.maximum(np.abs(mass - steps[:-1]), np.abs(mass - steps[1:])))
            times.append(answer["seconds"])
            cells += [f"{gap:.1e}", f"{times[-1] * 1e3:.3g} ms"]
        found.append([*cells, f"{times[1] / times[0]:.2g}" if len(times) == 2 else ""])
    return found


def table(head: tuple[str, ...], rows: list[list[str]]) -> list[str]:
    return ["| " + " | ".join(one) + " |" for one in (head, ["---"] * len(head), *rows)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--record", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.peers or Path(temporary)
        packages = {name: Package(name, installed(folder, name)) for name in PACKAGES}
        packages["mvtheory"] = Package("mvtheory", sys.executable)
        try:
            rows = []
            for row in ROWS:
                if chosen.only in row.what:
                    rows.append(line(row, packages))
                    print(" | ".join(rows[-1]), flush=True)
            samples = [] if chosen.only else of_ensembles(packages)
        finally:
            for package in packages.values():
                package.close()
    pinned = ", ".join(f"{name} {version}" for name, version in PACKAGES.items())
    head = ("quantity", "at", "50 digits", "mvtheory", "error", "time")
    for name in PACKAGES:
        head += (name, "error", "time", "ratio")
    text = [
        "# Spectral laws in four packages", "",
        f"mvtheory at {git('rev-parse', '--short', 'HEAD')}, {pinned}; "
        "`python benchmarks/parity.py`. Value at a middle point; error: the largest at all points "
        "of a row over the largest value; time: least of three, the law made anew; ratio: its time "
        "over ours. — : the package offers none. freealg's densities are taken at height 1e-12 "
        "where it lets one choose, that of the compound free Poisson law at 1e-6 (it leaves the "
        "branch at any height: findings/freealg-compound-free-poisson-density.sh); those of "
        "scikit-rmt for beta 4 are scaled to ours. Tracy-Widom laws are held to 18 digits.", "",
        *table(head, rows), "",
        "Matrices of finite size: greatest distance of the distribution function of one matrix "
        "from its law's, and time of drawing it and of its eigenvalues. rmtool draws Wigner and "
        "Wishart matrices too, freealg those of its laws.", "",
        *table(("ensemble", "mvtheory", "time", "scikit-rmt", "time", "ratio"), samples),
    ]  # fmt: skip
    if chosen.record:
        chosen.record.write_text("\n".join(text) + "\n")


if __name__ == "__main__":
    main()
