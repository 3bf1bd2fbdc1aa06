"""The command spectrum, of laws and of data, and figures of both."""

import json
import sys

import matplotlib
import numpy as np
import pytest

from mvtheory import laws
from mvtheory.cli import main
from mvtheory.law_from_text import law_from_text, named_laws
from mvtheory.laws import Discrete, GeneralizedWishart, MarchenkoPastur, free_add
from mvtheory.measured import spectrum_of_data, study
from mvtheory.plotting import plot_spectrum, plot_study

matplotlib.use("agg")
DISK = """
from dataclasses import dataclass
from mvtheory.laws import AbstractLaw, Semicircle

@dataclass(frozen=True, kw_only=True)
class Disk(AbstractLaw):
    radius: float
    sheets: int = 1

    @property
    def support(self):
        return ((-self.radius, self.radius),)

    def _cauchy(self, z):
        return Semicircle(variance=self.radius**2 / 4)._cauchy(z)

    def _potential(self, z):
        return Semicircle(variance=self.radius**2 / 4)._potential(z)
"""


@pytest.fixture
def offer_law(tmp_path, monkeypatch):
    """A package that is installed for the time of a test, with a law."""

    def offer(entry, source):
        place = tmp_path / "site-packages"
        about = place / "outside-1.0.dist-info"
        about.mkdir(parents=True)
        (place / "outside.py").write_text(source)
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: outside\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[mvtheory.laws]\n{entry}\n")
        monkeypatch.syspath_prepend(place)
        monkeypatch.delitem(sys.modules, "outside", raising=False)

    return offer


def test_the_command_draws_law_matrix_and_data(tmp_path, capsys):
    law = GeneralizedWishart(aspect_ratio=3, correlation=0.3)
    data = np.linalg.eigvalsh(law.matrix(60, np.random.default_rng(1)))
    np.save(tmp_path / "data.npy", data)
    out = tmp_path / "spectrum.png"
    arguments = ["generalized-wishart", "aspect_ratio=3", "correlation=0.3", "-o", str(out)]
    more = ["--matrix", "40", "--samples", "2", "--eigenvalues", str(tmp_path / "data.npy")]
    assert main(["spectrum", *arguments, *more]) == 0
    text = capsys.readouterr().out
    assert out.stat().st_size > 10_000
    for word in ("band", "0.197931707279", "atom", "mass 0.333333", "moment 2", "1.725"):
        assert word in text
    # Rigid eigenvalues: the distance is of order log n/n, and far from that of a wrong law.
    line = next(line for line in text.splitlines() if "distance of the data" in line)
    assert float(line.split(":")[1]) < 5 / 60


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["wishart"], "LAW='wishart' is unknown: did you mean 'wishart-product'? choose from"),
        (["semicircle", "variance=0"], "variance=0.0 is not allowed"),
        (["semicircle", "width=1"], "argument 'width' is unknown"),
        (["semicircle", "variance"], "is not of the form name=value"),
        (["generalized-wishart", "aspect_ratio=1"], "argument 'correlation' is missing"),
        (["semicircle", "variance=x"], "variance='x' is not allowed"),
        (["semicircle", "-o", "figure.txt"], "must end in"),
        (["semicircle", "--eigenvalues", "nothing.npy"], "cannot be read"),
        (["semicircle", "--matrix", "-1"], "not allowed"),
    ],
)
def test_what_is_wrong_is_one_line(arguments, words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["spectrum", *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_every_named_law_is_made_from_text():
    settings = {
        "affine": ["law=marchenko-pastur", "aspect_ratio=0.5", "scale=-2", "shift=1"],
        "confusion-law": ["accuracy=0.6", "samples_per_class=10", "balanced=false"],
        "deformed-semicircle": ["diagonal=-3:0.25,2:0.75", "variance=0.5"],
        "discrete": ["atoms=1,2", "weights=0.25,0.75"],
        "equilibrium-measure": ["coefficients=0,0,0.5,0,0.25"],
        "empirical": ["eigenvalues=0.5,2,1"],
        "finite-gue": ["size=4"],
        "finite-jue": ["size=3", "samples=5", "other_samples=4"],
        "finite-lue": ["size=3", "samples=5", "variance=2"],
        "free-bessel": ["power=2", "rate=0.5"],
        "free-levy": ["variance=1", "rates=2", "jumps=0.5"],
        "free-meixner": ["skewness=0.5", "shape=-0.2"],
        "free-poisson": ["rate=0.5"],
        "generalized-covariance": ["population=1:0.5,3:0.5", "aspect_ratio=0.2"],
        "generalized-wishart": ["aspect_ratio=0.2", "correlation=-0.5"],
        "kesten-mckay": ["degree=3"],
        "marchenko-pastur": ["aspect_ratio=2", "variance=3"],
        "poisson-dirichlet": ["discount=0.25"],
        "semicircle": ["mean=1"],
        "tracy-widom": ["beta=2"],
        "wachter": ["aspect_ratio=0.5", "other_aspect_ratio=1.5"],
        "wishart-product": ["aspect_ratios=1,0.5"],
    }
    assert set(settings) == set(named_laws())
    # No class is left out but the one that laws inherit from.
    classes = {own for own in vars(laws).values() if isinstance(own, type)}
    assert set(named_laws().values()) == classes - {laws.AbstractLaw}
    for name, words in settings.items():
        law = law_from_text(name, words)
        assert repr(law) == repr(law_from_text(type(law).__name__, words))
        if name != "poisson-dirichlet":  # the law of a sequence
            assert law.cdf([-1e3, 1e3]) == pytest.approx([0, 1], abs=1e-12)
    assert law_from_text("affine", settings["affine"]) == 1 - 2 * MarchenkoPastur(aspect_ratio=0.5)


def test_a_law_of_another_package_is_found(offer_law, tmp_path, capsys):
    offer_law("outside-disk = outside:Disk", DISK)
    law = law_from_text("outside-disk", ["radius=3", "sheets=2"])
    assert law.support == ((-3.0, 3.0),)
    assert law.sheets == 2
    assert "outside-disk" not in named_laws()
    out = tmp_path / "disk.svg"
    assert main(["spectrum", "outside-disk", "radius=3", "-o", str(out), "--matrix", "9"]) == 0
    assert "-3 to 3" in capsys.readouterr().out
    assert "outside-disk radius=3" in out.read_text()
    assert main(["spectrum", "outside"]) == 2
    assert "wachter, wishart-product, outside-disk" in capsys.readouterr().err


def test_laws_of_other_packages_are_loaded_only_when_asked_for(offer_law):
    offer_law("outside-disk = outside:Disk", "raise SystemExit('loaded')")
    assert law_from_text("semicircle", []).moment(2) == 1
    with pytest.raises(ValueError, match=r"'wigner' is unknown.*outside-disk"):
        law_from_text("wigner", [])


def test_the_figure_shows_law_observation_and_atoms():
    law = MarchenkoPastur(aspect_ratio=2)
    values = [np.linalg.eigvalsh(law.matrix(50, np.random.default_rng(k))) for k in range(3)]
    ax = plot_spectrum(law, matrices=values, eigenvalues=values[0])
    labels = " ".join(text.get_text() for text in ax.get_legend().get_texts())
    for word in ("law", "3 matrices of size 50", "50 eigenvalues given", "atom at 0: mass 0.5"):
        assert word in labels
    assert "matrices 0.5, data 0.5" in labels
    assert ax.get_xlabel()
    assert "per unit" in ax.get_ylabel()


def test_a_figure_of_atoms_alone_and_of_a_free_sum():
    points = Discrete(atoms=[-1, 1], weights=[0.5, 0.5])
    assert plot_spectrum(points).get_legend() is not None
    ax = plot_spectrum(free_add(points, points))
    # The arcsine law is infinite at its ends; the picture is not.
    assert 0.16 < ax.get_ylim()[1] < 10


@pytest.fixture(scope="module")
def factor_model():
    """Two factors over 60 variables, 150 samples."""
    rng = np.random.default_rng(1)
    return rng.normal(size=(150, 60)) + rng.normal(size=(150, 2)) @ rng.normal(size=(2, 60))


def test_the_command_says_what_is_in_data(factor_model, tmp_path, capsys):
    np.save(tmp_path / "data.npy", factor_model)
    out = tmp_path / "data.svg"
    assert main(["spectrum", str(tmp_path / "data.npy"), "level=0.01", "-o", str(out)]) == 0
    text = capsys.readouterr().out
    for word in ("60 variables", "degrees of freedom 149", "Marchenko-Pastur", "outliers: 2 above",
                 "without the noise", "non-linear", "singular values: 2 above"):  # fmt: skip
        assert word in text
    assert "without the noise" in out.read_text()


def test_files_of_every_kind_say_the_same(factor_model, tmp_path, capsys):
    covariance = np.cov(factor_model.T)
    files = {
        "data": (factor_model, []),
        "covariance": (covariance.astype("float32"), ["samples=150"]),
        "eigenvalues": (np.linalg.eigvalsh(covariance), ["samples=150", "centred=true"]),
    }
    found = {}
    for name, (values, words) in files.items():
        np.savez(tmp_path / "run.npz", **{name: values})
        assert main(["spectrum", f"{tmp_path / 'run.npz'}:{name}", "--json", *words]) == 0
        found[name] = json.loads(capsys.readouterr().out)
        assert found[name]["source"] == name
        assert found[name]["outliers"]["population"] == pytest.approx(
            found["data"]["outliers"]["population"], rel=1e-5
        )
    assert found["data"]["best_cleaning"] in found["data"]["covariance"]["losses"]
    assert not list(tmp_path.glob("*.png"))
    assert main(["spectrum", str(tmp_path / "absent.npy")]) == 2
    assert "no such file" in capsys.readouterr().err


def test_the_figure_of_data_shows_bulk_law_and_outliers(factor_model):
    found = study(spectrum_of_data(factor_model))
    left, right = plot_study(found)
    labels = " ".join(text.get_text() for text in left.get_legend().get_texts())
    assert "58 eigenvalues of the bulk" in labels
    assert f"p = {found.bulk.p_value:.2g}" in labels
    assert "outliers" in labels
    assert right.get_title() == "2 outliers at the level 0.05"
    heights = [line.get_ydata() for line in right.lines if len(line.get_ydata()) == 60]
    np.testing.assert_array_equal(heights[0], found.spectrum.eigenvalues)
    assert left.get_xlabel() == "eigenvalue of the covariance"
