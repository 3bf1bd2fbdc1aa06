"""Names: those of the command line and those of Python, everywhere."""

import json

import pytest

import mvtheory
from mvtheory import catalogue
from mvtheory.cli import main
from mvtheory.formula import Formula

DOTTED = [
    (f"{package.__name__.rpartition('.')[2]}.{name}", item)
    for package in catalogue.PACKAGES
    for name in package.__all__
    if isinstance(item := getattr(package, name), Formula)
]


@pytest.mark.parametrize(("name", "item"), DOTTED, ids=[name for name, _ in DOTTED])
def test_every_formula_has_its_python_name_too(name, item):
    assert mvtheory.lookup(name) is item
    assert mvtheory.lookup(f"mvtheory.{name}") is item
    assert mvtheory.lookup(item.name) is item


def test_both_names_work_in_every_command(capsys, tmp_path):
    for name in ("ensemble", "coverage.ensemble", "mvtheory.coverage.ensemble"):
        assert main(["show", name]) == 0
        assert main(["plot", name, "views=2", "networks=1:4", "-o", str(tmp_path / "x.png")]) == 0
        capsys.readouterr()
        assert main(["predict", name, "views=2", "networks=3", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)[0]["ensemble"] == 0.875
    assert main(["show", "theorems.ensemble"]) == 0
    assert "Theorem 2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("coverage.ensembel", "did you mean 'coverage.ensemble'"),
        ("race.ensemble", "did you mean 'coverage.ensemble'"),
        ("single_model", "did you mean 'theorems.single_model'"),
        ("distinct_views", "use mvtheory.coverage.distinct_views from Python"),
        ("race.win_probabilities", "use mvtheory.race.win_probabilities from Python"),
        ("Theorem", "is not known"),
    ],
)
def test_other_names_are_told_which_is_meant(name, says):
    with pytest.raises(ValueError, match=f"NAME='{name}'.*{says}"):
        mvtheory.lookup(name)
