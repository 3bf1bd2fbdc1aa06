"""Names: those of the command line and those of Python, everywhere."""

import inspect
import json
import re

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
        ("theorems.Theorem", "use mvtheory.theorems.Theorem from Python"),
        ("win_probabilitys", "did you mean 'win_probabilities'"),
        ("free_add", "use mvtheory.laws.free_add from Python .'mvtheory show laws.free_add'"),
    ],
)
def test_other_names_are_told_which_is_meant(name, says):
    with pytest.raises(ValueError, match=f"NAME='{name}'.*{says}"):
        mvtheory.lookup(name)


SECTIONS = re.compile(r"\n(Parameters|Examples|Notes|References)\n---+\n")
SOURCE = re.compile(r"\[\w+\]_|\((19|20)\d\d\)|\b[Oo]urs?\b")
"""A key of the bibliography, an author with a year, or that it is ours."""
FUNCTIONS = [
    f"{room}.{entry.name}"
    for room in catalogue.ROOMS
    for entry in catalogue.entries(room)
    if entry.kind == "function"
]


def test_every_public_function_is_listed():
    for room in catalogue.ROOMS:
        package = getattr(mvtheory, room)
        public = {
            f"{room}.{name}"
            for name in package.__all__
            if inspect.isfunction(inspect.unwrap(getattr(package, name)))
        }
        assert public == {name for name in FUNCTIONS if name.startswith(f"{room}.")}
    # What the sources ask, by name.
    for name in (
        "race.win_probabilities", "race.expected_coverage", "coverage.agreement",
        "coverage.correlated_coverage", "race.dark_drive", "race.waiting_drive",
        "race.expected_coverage_waiting", "race.regime", "race.descend",
        "self_distillation.optimal_mixing", "distillation.estimate",
        "distillation.gain_from_edges", "distillation.gain_measured", "laws.free_add",
        "laws.free_multiply", "laws.free_compress",
    ):  # fmt: skip
        assert name in FUNCTIONS


@pytest.mark.parametrize("name", FUNCTIONS)
def test_show_says_how_a_function_is_called_where_it_is_from_and_gives_an_example(name, capsys):
    assert main(["show", name]) == 0
    shown = capsys.readouterr().out
    room, own = name.split(".")
    function = getattr(getattr(mvtheory, room), own)
    assert shown.startswith(f"mvtheory.{name}(")
    first = shown.partition(")\n\n")[0]
    assert all(argument in first for argument in inspect.signature(function).parameters)
    assert {"Parameters", "Examples"} <= set(SECTIONS.findall(shown))
    assert SOURCE.search(inspect.getdoc(function)), "no source"
    assert "]_" not in shown  # keys of the bibliography are put into words


def test_laws_and_classes_are_shown_too(capsys):
    for name, says in (
        ("laws.MarchenkoPastur", "aspect_ratio"),
        ("distillation.Loss", "temperature"),
        ("features.FeatureRegression", "mean kernel"),
    ):
        assert main(["show", name]) == 0
        shown = capsys.readouterr().out
        assert shown.startswith(f"mvtheory.{name}(")
        assert says in shown


def test_a_room_is_listed_alone_and_groups_have_their_heading(capsys):
    assert main(["list", "race"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("race: Which view wins the early race")
    assert "win_probabilities" in shown
    assert "free_add" not in shown
    assert main(["list", "views"]) == 2
    assert "ROOM='views' is not known; choose from coverage, race" in capsys.readouterr().err
    # Two rooms have an accuracy, each its own.
    texts = {
        room: {entry.name: entry.summary for entry in catalogue.entries(room)}["accuracy"]
        for room in ("coverage", "distillation")
    }
    assert texts["coverage"] == mvtheory.coverage.accuracy.summary
    assert texts["distillation"].startswith("Share of the samples")
