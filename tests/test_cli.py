"""The command: what it prints, and one line on stderr for everything that is wrong."""

import json
import subprocess
import sys

import pytest

import mvtheory
from mvtheory.cli import main


def test_list_names_everything(capsys):
    assert main(["list"]) == 0
    shown = capsys.readouterr().out
    for name in mvtheory.formulas():
        assert name in shown


@pytest.mark.parametrize("name", list(mvtheory.formulas()))
def test_show(name, capsys):
    assert main(["show", name]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    item = mvtheory.lookup(name)
    assert f"Source: {item.source}" in shown
    assert f"Status: {item.status}" in shown
    for argument in item.domain.values():
        assert argument.name in shown


def test_predict_as_table_and_as_json(capsys):
    assert main(["predict", "ensemble", "views=3", "networks=1,3,5,10"]) == 0
    table = capsys.readouterr().out
    assert "0.868312757201646" in table
    assert "Theorem 2" in table
    assert main(["predict", "ensemble", "views=2,3", "networks=1:5:2", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["views"], row["networks"]) for row in rows] == [
        (2, 1), (2, 3), (2, 5), (3, 1), (3, 3), (3, 5),
    ]  # fmt: skip
    assert rows[5]["ensemble"] == mvtheory.coverage.ensemble(views=3, networks=5)


def test_predict_digits_takes_decimals_exactly(capsys):
    arguments = ["coverage=0.5", "single_view_fraction=0.04", "classes=3", "--digits", "40"]
    assert main(["predict", "test_error", *arguments, "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["test_error"] == "0.01333333333333333333333333333333333333333"


def test_predict_vectors_thresholds_and_theorems(capsys):
    assert main(["predict", "ensemble_unequal", "probabilities=.5,.3,.2", "networks=5"]) == 0
    assert "0.824333333333333" in capsys.readouterr().out
    assert main(["predict", "networks_for_coverage", "views=2", "coverage=0.999", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["networks_for_coverage"] == 10
    assert main(["predict", "theorems.self_distillation", "single_view_fraction=0.5"]) == 0
    assert "0.13" in capsys.readouterr().out


def test_what_says_nothing_is_no_number(capsys):
    arguments = ["predict", "norm_bound", "relative_norm=20", "condition=10", "rounds=3,4"]
    for more in ([], ["--digits", "20"]):
        assert main([*arguments, *more, "--json"]) == 0
        told, silent = json.loads(capsys.readouterr().out)
        assert float(told["norm_bound"]) == pytest.approx(1.4454763114440834)
        assert (told["status"], silent["status"]) == ("proved", "says nothing")
        assert silent["norm_bound"] is None
    assert main(arguments) == 0
    shown = capsys.readouterr().out
    assert "says nothing at or below 0" in " ".join(shown.split())
    assert "-11" not in shown


def test_every_row_has_its_status(capsys):
    assert main(["predict", "distilled", "views=2,3", "networks=1,2", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["status"] for row in rows] == ["proved asymptotically"] + ["our extension"] * 3
    # Two networks and two views, and the student's own win: 1 - 1/8.
    assert rows[1]["distilled"] == 0.875
    assert main(["predict", "theorems.ensemble", "single_view_fraction=.1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["status"] == "proved asymptotically"
    # 1 - 10^-23 is allowed, though as a double it would be 1.
    level = "coverage=." + 23 * "9"
    assert (
        main(["predict", "networks_for_coverage", "views=2", level, "--digits", "9", "--json"]) == 0
    )
    # 2^-76 is above 10^-23, 2^-77 is below.
    assert json.loads(capsys.readouterr().out)[0]["networks_for_coverage"] == "77.0"


def test_the_ends_of_ranges_with_digits(capsys):
    for digits in ([], ["--digits", "20"]):
        assert (
            main(["predict", "soft_weight", "hard_weight=0.5", "temperature=0.001", *digits]) == 0
        )
        assert "0.000999000999000999" in capsys.readouterr().out


def test_plot_writes_a_figure(tmp_path, capsys):
    for suffix in ("png", "svg", "pdf"):
        file = tmp_path / f"figure.{suffix}"
        assert main(["plot", "ensemble", "views=2,3", "networks=1:9", "-o", str(file)]) == 0
        assert file.stat().st_size > 2000
        assert "figure" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["predict", "ensembel", "views=3"], ["NAME='ensembel'", "did you mean 'ensemble'"]),
        (["predict", "ensemble", "views=0", "networks=1"], ["views=0", "1 <= views <= 10^12"]),
        (["predict", "ensemble", "views=nan", "networks=1"], ["views='nan'", "1 <= views"]),
        (["predict", "ensemble", "views=1e400", "networks=1"], ["views=", "1 <= views"]),
        (["predict", "ensemble", "views=2.5", "networks=1"], ["views=2.5", "whole number"]),
        (["predict", "ensemble", "views=3"], ["'networks' is missing"]),
        (["predict", "ensemble", "views"], ["ARG='views'", "name=values"]),
        (["predict", "ensemble", "view=3"], ["'view' is unknown", "views, networks"]),
        (["predict", "ensemble", "M=3"], ["'M' is unknown", "did you mean 'views'"]),
        (["predict", "theorems.ensemble", "mu=.1"], ["did you mean 'single_view_fraction'"]),
        (["predict", "ensemble", "3", "5"], ["ARG='3'", "the names for ensemble are views, net"]),
        (["predict", "ensemble", "views=3", "views=4"], ["given twice"]),
        (["predict", "ensemble", "views=5:2", "networks=1"], ["views='5:2'"]),
        (["predict", "ensemble", "views=1:999999", "networks=1"], ["at most 100000"]),
        (["predict", "ensemble", "views=1:500", "networks=1:500"], ["combinations"]),
        (["predict", "ensemble", "views=3", "networks=2", "--digits", "0"], ["digits=0"]),
        (
            ["predict", "ensemble", "views=3", "networks=2", "--digits", "x"],
            ["digits='x'", "1 <= digits"],
        ),
        (["predict", "theorems.ensemble"], ["single_view_fraction", "missing"]),
        (["plot", "ensemble", "views=3", "networks=1", "-o", "x.png"], ["nothing to draw"]),
        (["plot", "ensemble", "views=3", "networks=1:5", "-o", "x.gif"], ["x.gif", ".png"]),
        (["plot", "ensemble", "views=3", "networks=1:5", "-o", "no/x.png"], ["no folder 'no'"]),
        (["plot", "theorems.ensemble", "-o", "x.png"], ["is a theorem"]),
        (["fly"], ["fly"]),
        (["list", "--quickly"], ["--quickly"]),
    ],
)
def test_errors_are_one_line_and_exit_code_2(arguments, parts, capsys):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("mvtheory: ")
    for part in parts:
        assert part in captured.err


def test_ctrl_c_is_exit_code_130_without_a_traceback(capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("mvtheory.predicting.evaluate", interrupted)
    assert main(["predict", "single_network", "views=3"]) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_run_as_a_module():
    run = subprocess.run(
        [sys.executable, "-m", "mvtheory", "--version"], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == mvtheory.__version__
    empty = subprocess.run([sys.executable, "-m", "mvtheory"], capture_output=True, text=True)
    assert empty.returncode == 0
    assert "predict" in empty.stdout
