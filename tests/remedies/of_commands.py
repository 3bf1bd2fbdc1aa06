"""Errors of the commands and of the files that they read."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from remedy import Remedy

from mvtheory.cli import app

PLACES = (
    "mvtheory/advise.py",
    "mvtheory/cli.py",
    "mvtheory/ensemble.py",
    "mvtheory/figures.py",
    "mvtheory/files.py",
    "mvtheory/ranges.py",
    "mvtheory/spectrum.py",
)
FOLDER = Path(tempfile.mkdtemp(prefix="remedies-"))


def command(*words: str):
    """A call of the command in the folder of files."""

    def call() -> None:
        before = Path.cwd()
        os.chdir(FOLDER)
        try:
            app(args=list(words), standalone_mode=False)
        finally:
            os.chdir(before)

    return call


def after(change, *words: str):
    """What a message tells to do with files, then the command."""

    def call() -> None:
        change()
        command(*words)()

    return call


def in_new_folder() -> None:
    (FOLDER / "figures").mkdir()
    command("spectrum", "semicircle", "-o", "figures/a.png")()
    shutil.rmtree(FOLDER / "figures")


def beside_a_package(entry: str):
    """A law by the name of an entry point of an installed package."""

    def call() -> None:
        about = FOLDER / "package" / "outside-1.0.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: outside\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[mvtheory.laws]\noutside = {entry}\n")
        sys.path.insert(0, str(about.parent))
        try:
            command("spectrum", "outside")()
        finally:
            sys.path.remove(str(about.parent))
            shutil.rmtree(about.parent)

    return call


rng = np.random.default_rng(0)
labels = rng.integers(3, size=60)
signal = 2 * np.eye(3)[labels]
for name in ("student", "teacher", "soft"):
    np.save(FOLDER / f"{name}.npy", signal + rng.standard_normal((60, 3)))
np.save(FOLDER / "labels.npy", labels)
np.savetxt(FOLDER / "data.csv", [0.1, -0.2], delimiter=",")
np.savez(FOLDER / "two.npz", a=[0.1, -0.2], b=[1.0])
np.save(FOLDER / "cube.npy", np.zeros((2, 2, 2)))
np.save(FOLDER / "nan.npy", [0.5, np.nan])
np.save(FOLDER / "one.npy", [0.1, -0.2])
(FOLDER / "spoilt.npy").write_bytes(b"")

ADVISE = (
    "advise",
    "--labels",
    "labels.npy",
    "--student",
    "student.npy",
    "--teacher",
    "teacher.npy",
)
ENSEMBLE = ("ensemble", "--labels", "labels.npy", "--member", "student.npy")
DATA = ("spectrum", "semicircle", "--eigenvalues")

REMEDIES = [
    # advise
    Remedy(
        command(*ADVISE, "--soft-student", "soft.npy@x"),
        "write soft.npy@4 or distilled.npy@4,0.1",
        command(*ADVISE, "--soft-student", "soft.npy@4", "--distilled", "soft.npy@4,0.1"),
    ),
    Remedy(
        command(*ADVISE, "--distilled", "soft.npy@4,0.1,2"),
        "FILE@T,a_H; write",
        command(*ADVISE, "--distilled", "soft.npy@4,0.1"),
    ),
    Remedy(
        command(*ADVISE, "--temperatures", "1;2"),
        "write it as 1,2,4",
        command(*ADVISE, "--temperatures", "1,2,4"),
    ),
    # ensemble
    Remedy(
        command(*ENSEMBLE),
        "members holds 1 .*train a second",
        command(*ENSEMBLE, "--member", "soft.npy"),
    ),
    Remedy(
        command(*ENSEMBLE, "--member", "soft.npy", "--sizes", "1-20"),
        r"networks in the ensemble, or inf.*write a number, or low:high\[:step\]",
        command(*ENSEMBLE, "--member", "soft.npy", "--sizes", "1:20,inf"),
    ),
    Remedy(
        command(*ENSEMBLE, "--member", "soft.npy", "--sizes", "0,1"),
        "--sizes=0.* is not allowed.*choose a value in this range",
        command(*ENSEMBLE, "--member", "soft.npy", "--sizes", "1"),
    ),
    # list, show, predict, plot
    Remedy(
        command("show", "ensembel"),
        "did you mean 'ensemble'.*'mvtheory list' shows all names",
        command("show", "ensemble"),
    ),
    Remedy(
        command("plot", "theorems.ensemble", "single_view_fraction=0.1,0.2"),
        "is a theorem: plot a formula, such as ensemble",
        command("plot", "ensemble", "views=2", "networks=1:3"),
    ),
    Remedy(
        command("predict", "ensemble", "views"),
        "not of the form name=values, such as views=3",
        command("predict", "ensemble", "views=3", "networks=2"),
    ),
    Remedy(
        command("predict", "ensemble", "view=3", "networks=2"),
        r"'view' is unknown: did you mean 'views'\? choose from views, networks",
        command("predict", "ensemble", "views=3", "networks=2"),
    ),
    Remedy(
        command("predict", "ensemble", "views=3", "views=4", "networks=1"),
        "write views=1,2 for several values",
        command("predict", "ensemble", "views=1,2", "networks=1"),
    ),
    Remedy(
        command("predict", "ensemble", "views=1:1000", "networks=1:1000"),
        "more than 100000 combinations: give fewer",
        command("predict", "ensemble", "views=1:10", "networks=1:10"),
    ),
    Remedy(
        command("predict", "ensemble", "views=3:1", "networks=1"),
        r"write a number, or low:high\[:step\]",
        command("predict", "ensemble", "views=1:3:2", "networks=1"),
    ),
    Remedy(
        command("predict", "ensemble", "views=3", "networks=many"),
        r"write a number, or low:high\[:step\]",
        command("predict", "ensemble", "views=3", "networks=5"),
    ),
    Remedy(
        command("predict", "theorems.ensemble", "single_view_fraction=0.1", "--digits", "20"),
        "--digits is for formulas",
        command("predict", "theorems.ensemble", "single_view_fraction=0.1"),
    ),
    Remedy(
        command("predict", "theorems.ensemble"),
        "'single_view_fraction' is missing",
        command("predict", "theorems.ensemble", "single_view_fraction=0.1"),
    ),
    # spectrum
    Remedy(
        command("spectrum", "wigner"), "choose from .*semicircle", command("spectrum", "semicircle")
    ),
    Remedy(
        beside_a_package("mvtheory.laws:free_add"),
        "outside.*mvtheory.laws:free_add.*a dataclass.*name such a class",
        beside_a_package("mvtheory.laws:Semicircle"),
    ),
    Remedy(
        beside_a_package("nobody.home:Law"),
        "outside.*cannot be loaded .ModuleNotFoundError.*mend or uninstall the package",
        beside_a_package("mvtheory.laws:Semicircle"),
    ),
    Remedy(
        command("spectrum", "semicircle", "variance"),
        "form name=value, such as variance=2",
        command("spectrum", "semicircle", "variance=2"),
    ),
    Remedy(
        command("spectrum", "semicircle", "width=2"),
        "choose from mean, variance",
        command("spectrum", "semicircle", "mean=1"),
    ),
    Remedy(
        command("spectrum", "semicircle", "mean=1", "mean=2"),
        "given twice: give it once",
        command("spectrum", "semicircle", "mean=2"),
    ),
    Remedy(
        command("spectrum", "marchenko-pastur"),
        "needs aspect_ratio",
        command("spectrum", "marchenko-pastur", "aspect_ratio=2"),
    ),
    Remedy(
        command("spectrum", "discrete", "atoms=1;2", "weights=.5,.5"),
        r"list 1,3, pairs 1:0.5,3:0.5, or true and false\); write it so",
        command("spectrum", "discrete", "atoms=1,3", "weights=.5,.5"),
    ),
    Remedy(
        command("spectrum", "semicircle", "--matrix", "-1"),
        "choose larger numbers",
        command("spectrum", "semicircle", "--matrix", "10", "--samples", "1"),
    ),
    Remedy(
        command("spectrum", "semicircle", "-o", "a.gif"),
        "must end in .png, .pdf or .svg; name it so",
        command("spectrum", "semicircle", "-o", "a.svg"),
    ),
    Remedy(
        command("spectrum", "semicircle", "-o", "figures/a.png"),
        "no folder 'figures'; make it first",
        in_new_folder,
    ),
    Remedy(
        command(*DATA, "cube.npy"),
        r"eigenvalues of shape \(n,\), or a symmetric matrix of shape \(n, n\)\); save one",
        after(lambda: np.save(FOLDER / "vector.npy", np.zeros(2)), *DATA, "vector.npy"),
    ),
    Remedy(
        command(*DATA, "nan.npy"),
        "infinities or NaN.*remove them",
        after(lambda: np.save(FOLDER / "finite.npy", [0.5]), *DATA, "finite.npy"),
    ),
    # files; tests/test_files.py carries out every line that converts one
    Remedy(
        command(*DATA, "data.csv"),
        r"convert it by `np\.save\('data\.npy', np\.loadtxt\('data\.csv'",
        after(
            lambda: np.save(FOLDER / "data.npy", np.loadtxt(FOLDER / "data.csv", delimiter=",")),
            *DATA,
            "data.npy",
        ),
    ),
    Remedy(
        command(*DATA, "two.npz"),
        r"save one: `np\.save\('two\.npy', np\.load\('two\.npz'\)\['a'\]\)`",
        after(
            lambda: np.save(FOLDER / "two.npy", np.load(FOLDER / "two.npz")["a"]),
            *DATA,
            "two.npy",
        ),
    ),
    Remedy(command(*DATA, "absent.npy"), "no such file; check the path", command(*DATA, "one.npy")),
    Remedy(command(*DATA, "."), "it is a folder; name a file in it", command(*DATA, "one.npy")),
    Remedy(
        command(*DATA, "spoilt.npy"),
        r"save it again with np.save\(path, array\)",
        after(lambda: np.save(FOLDER / "mended.npy", [0.5]), *DATA, "mended.npy"),
    ),
]  # fmt: skip
