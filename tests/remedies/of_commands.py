"""Errors of the commands and of the files that they read."""

import json
import os
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import torch
from remedy import Remedy

from mvtheory.cli import app

PLACES = (
    "mvtheory/advise.py",
    "mvtheory/cli.py",
    "mvtheory/console.py",
    "mvtheory/ensemble.py",
    "mvtheory/figures.py",
    "mvtheory/finding.py",
    "mvtheory/law_from_text.py",
    "mvtheory/listing.py",
    "mvtheory/predicting.py",
    "mvtheory/reading",
    "mvtheory/ranges.py",
    "mvtheory/spectrum.py",
    "mvtheory/spectrum_of_data.py",
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


def without(library: str, *words: str):
    """The command where a library is not installed."""

    def call() -> None:
        kept = {name: sys.modules.pop(name) for name in list(sys.modules)
                if name.split(".")[0] == library}  # fmt: skip
        sys.modules[library] = None  # type: ignore[assignment]
        try:
            command(*words)()
        finally:
            del sys.modules[library]
            sys.modules.update(kept)

    return call


def save_probabilities() -> None:
    p = np.exp(np.load(FOLDER / "student.npy"))
    np.save(FOLDER / "p.npy", p / p.sum(axis=1, keepdims=True))


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
(FOLDER / "index.csv").write_text(",a\n0,1\n1,2\n")
(FOLDER / "twice.csv").write_text("a,a\n1,2\n2,1\n")
(FOLDER / "hollow.csv").write_bytes(b"")
(FOLDER / "spoilt.pt").write_bytes(b"PK")
(FOLDER / "spoilt.parquet").write_bytes(b"PAR1")
(FOLDER / "short.safetensors").write_bytes(b"")
(FOLDER / "words.safetensors").write_bytes(b"\x02" + bytes(7) + b"x}")
SMALL = json.dumps({"kind": {"dtype": "F8_E4M3", "shape": [1], "data_offsets": [0, 1]},
                    "size": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}
                   ).encode()  # fmt: skip
(FOLDER / "small.safetensors").write_bytes(len(SMALL).to_bytes(8, "little") + SMALL + bytes(4))
LISTS = {"even": [[1.0, 0.0], [0.0, 2.0]], "uneven": [[1.0], [1.0, 2.0]], "holes": [1.0, None],
         "whole": [1.0, 2.0]}  # fmt: skip
pyarrow.parquet.write_table(pyarrow.table(LISTS), FOLDER / "lists.parquet")
np.savez(FOLDER / "objects.npz", a=np.array([None, 1], dtype=object))
with zipfile.ZipFile(FOLDER / "version.npz", "w") as archive:
    archive.writestr("a.npy", b"\x93NUMPY\x03\x00" + bytes(64))
np.savez(FOLDER / "two.npz", a=[0.1, -0.2], b=[1.0])
np.save(FOLDER / "cube.npy", np.zeros((2, 2, 2)))
np.save(FOLDER / "nan.npy", [0.5, np.nan])
np.save(FOLDER / "one.npy", [0.1, -0.2])
(FOLDER / "spoilt.npy").write_bytes(b"")
np.save(FOLDER / "rows.npy", rng.standard_normal((40, 10)))
np.save(FOLDER / "singular.npy", np.linalg.svd(np.load(FOLDER / "rows.npy"), compute_uv=False))

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
ROWS = ("spectrum", "rows.npy", "--json")

REMEDIES = [
    # list
    Remedy(command("list", "views"), "choose from coverage, race", command("list", "race")),
    Remedy(command("list", "views"), "or name none", command("list")),
    Remedy(
        command("list", "--json", "--csv"),
        "exclude each other: give one of them",
        command("list", "--json"),
    ),
    # advise
    Remedy(
        command(*ADVISE, "--soft-student", "soft.npy@x"),
        "write soft.npy@4 or distilled.npy@4,0.1",
        command(*ADVISE, "--soft-student", "soft.npy@4", "--distilled", "soft.npy@4,0.1"),
    ),
    Remedy(
        command(*ADVISE, "--distilled", "soft.npy@4,0.1,0.5,2"),
        "FILE@T,a_H,beta; write",
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
    # list, show, search, predict, plot
    Remedy(
        command("search", " "),
        "holds no word .a text.; write one, such as temperature",
        command("search", "temperature"),
    ),
    Remedy(
        command("show", "ensembel"),
        "did you mean 'ensemble'.*'mvtheory list' shows all names",
        command("show", "ensemble"),
    ),
    Remedy(
        command("plot", "views=2", "networks=1:3"),
        "NAME is missing before 'views=2': name a formula, such as ensemble",
        command("plot", "ensemble", "views=2", "networks=1:3"),
    ),
    Remedy(
        command("plot", "ensemble", "views=2", "networks=1:3", "--residuals"),
        "needs --data: name a .csv file of measured points",
        after(lambda: (FOLDER / "run.csv").write_text("networks,seen\n1,.5\n2,.7\n"), "plot",
              "ensemble", "views=2", "networks=1:3", "--residuals", "--data", "run.csv"),
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
    Remedy(
        command(*ADVISE, "--probabilities", "all,some"),
        "all, or some of student,teacher,anchors.*write it so",
        after(save_probabilities, "advise", "--labels", "labels.npy", "--student", "p.npy",
              "--teacher", "p.npy", "--probabilities", "student,teacher"),
    ),
    # files
    Remedy(command(*DATA, "two.npz"), "name one of them, such as two.npz:a",
           command(*DATA, "two.npz:a")),
    Remedy(command(*DATA, "two.npz:c"), "holds no array 'c' .a, b.*two.npz:a",
           command(*DATA, "two.npz:a")),
    Remedy(
        command(*DATA, "index.csv"),
        "column 0 has no name.*index=False",
        after(lambda: (FOLDER / "index.csv").write_text("a\n1\n2\n"), *DATA, "index.csv"),
    ),
    Remedy(
        command(*DATA, "twice.csv"),
        "two columns have the name 'a'; rename one",
        after(lambda: (FOLDER / "twice.csv").write_text("a,b\n1,2\n2,1\n"), *DATA, "twice.csv"),
    ),
    Remedy(
        command(*DATA, "hollow.csv"),
        "it is empty; save it again",
        after(lambda: np.save(FOLDER / "mended.npy", [0.5]), *DATA, "mended.npy"),
    ),
    Remedy(
        command(*DATA, "spoilt.pt"),
        "torch loads no weights from it.*torch.save.tensor.cpu",
        after(lambda: torch.save(torch.ones(2), FOLDER / "spoilt.pt"), *DATA, "spoilt.pt"),
    ),
    Remedy(without("torch", *DATA, "spoilt.pt"), r"needs torch; pip install .mvtheory.files",
           after(lambda: torch.save(torch.ones(2), FOLDER / "mended.pt"), *DATA, "mended.pt")),
    Remedy(without("pyarrow", *DATA, "lists.parquet"), r"needs pyarrow; pip install .mvtheory.fi",
           command(*DATA, "lists.parquet:even")),
    Remedy(command(*DATA, "lists.parquet:uneven"), "lists of several lengths.*same classes",
           command(*DATA, "lists.parquet:even")),
    Remedy(command(*DATA, "lists.parquet:holes"), "1 empty cells; fill them or drop",
           command(*DATA, "lists.parquet:whole")),
    Remedy(command(*DATA, "spoilt.parquet"), "cannot be read as .parquet.*save it again",
           command(*DATA, "one.npy")),
    Remedy(command(*DATA, "short.safetensors"), "header is not whole; save it again",
           command(*DATA, "one.npy")),
    Remedy(command(*DATA, "words.safetensors"), "header is no JSON; save it again",
           command(*DATA, "one.npy")),
    Remedy(command(*DATA, "small.safetensors:kind"), "numbers of type F8.*save it again",
           command(*DATA, "one.npy")),
    Remedy(command(*DATA, "small.safetensors:size"), "header does not fit.*save it again",
           command(*DATA, "one.npy")),
    Remedy(command(*DATA, "objects.npz"), "no array of numbers; save it again",
           command(*DATA, "one.npy")),
    Remedy(command(*DATA, "version.npz"), "no array of numbers; save it again",
           command(*DATA, "one.npy")),
    Remedy(command(*DATA, "absent.npy"), "no such file; check the path", command(*DATA, "one.npy")),
    Remedy(command(*DATA, "."), "it is a folder; name a file in it", command(*DATA, "one.npy")),
    Remedy(
        command(*DATA, "spoilt.npy"),
        r"save it again with np.save\(path, array\)",
        after(lambda: np.save(FOLDER / "mended.npy", [0.5]), *DATA, "mended.npy"),
    ),
    # spectrum of data
    Remedy(
        command("spectrum", "rows.npy", "--matrix", "9"),
        "--matrix, --eigenvalues are for laws.*leave them out",
        command(*ROWS),
    ),
    Remedy(
        command("spectrum", "tracy-widom", "beta=2", "--matrix", "9"),
        "are for spectra, and LAW='tracy-widom' is none; leave them out",
        command("spectrum", "tracy-widom", "beta=2"),
    ),
    Remedy(command(*ROWS, "level"), "not of the form name=value", command(*ROWS, "level=0.1")),
    Remedy(
        command(*ROWS, "rows=40"), "'rows' is unknown: choose from .*samples", command(*ROWS)
    ),
    Remedy(
        command(*ROWS, "level=0.1", "level=0.2"), "given twice: give it once",
        command(*ROWS, "level=0.1"),
    ),
    Remedy(
        command(*ROWS, "kind=matrix"), "kind='matrix'.*one of data.*write it so",
        command(*ROWS, "kind=data"),
    ),
    Remedy(
        command(*ROWS, "standardise=yes"), "standardise='yes'.*true or false",
        command(*ROWS, "standardise=true"),
    ),
    Remedy(
        command(*ROWS, "samples=40"), "samples=40 is not for kind=data.*leave it out",
        command(*ROWS),
    ),
    Remedy(
        command("spectrum", "singular.npy", "kind=singular-values", "--json"),
        "add samples= and dimension=",
        command("spectrum", "singular.npy", "kind=singular-values", "samples=40", "dimension=10",
                "--json"),
    ),
]  # fmt: skip
