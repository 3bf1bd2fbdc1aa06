"""The command: what it prints, and one line on stderr for everything that is wrong."""

import csv
import io
import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
import typer

import mvtheory
from mvtheory import catalogue, doctor, extras
from mvtheory.cli import main, run_app


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
        (["plot", "views=3", "-o", "x.png"], ["NAME is missing before 'views=3'"]),
        (["plot", "ensemble", "networks=1:3", "views=2", "--residuals"], ["--residuals needs"]),
        (["plot", "ensemble", "networks=1:3", "views=2", "--width", "x"], ["single, double"]),
        (
            [
                "plot",
                "ensemble",
                "test_error",
                "networks=1:3",
                "views=2",
                "coverage=.5",
                "classes=3",
                "single_view_fraction=.1",
            ],
            ["test_error has no argument 'networks'"],
        ),
        (["list", "theorem"], ["ROOM='theorem'", "did you mean 'theorems'"]),
        (["show", "single-veiw"], ["did you mean 'single-view'"]),
        (["spectrum", "marchenko-pastor"], ["did you mean 'marchenko-pastur'"]),
        (["spectrum", "semicircle", "varance=2"], ["did you mean 'variance'"]),
        (["predit", "ensemble"], ["No such command 'predit'", "'predict'"]),
        (["spectrum"], ["Missing argument 'LAW|DATA'; see --help"]),
        (["list", "laws", "x"], ["(x); see --help"]),
        (["search", " "], ["holds no word"]),
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


def out(capsys, *words):
    assert main(list(words)) == 0
    return capsys.readouterr().out


def test_the_list_is_grouped_and_has_a_line_of_80_columns_for_each(capsys):
    shown = out(capsys, "list").splitlines()
    assert max(len(line) for line in shown) <= 80
    names = [line.split()[0] for line in shown if line.startswith("  ")]
    offered = [e.name for room in catalogue.ROOMS for e in catalogue.entries(room)]
    assert sorted(names) == sorted(offered)
    headings = [line for line in shown if line.startswith(" ") and not line.startswith("  ")]
    assert {" formulas: exact", " functions", " classes", " laws", " theorems"} <= set(headings)
    assert shown[0].startswith("coverage: The lottery model of view coverage")
    assert "mvtheory list claims" in shown[-1]


@pytest.mark.parametrize("room", ["laws", "theorems", "claims", "self-distillation"])
def test_one_room_is_listed_in_words_in_json_and_as_a_table(room, capsys):
    shown = out(capsys, "list", room)
    rows = json.loads(out(capsys, "list", room, "--json"))
    table = list(csv.DictReader(io.StringIO(out(capsys, "list", room, "--csv"))))
    assert table == rows
    assert len(rows) > 3
    for row in rows:
        assert f"  {row['name']} " in shown
        assert row["summary"]


def test_claims_stand_by_chapter_and_are_shown(capsys):
    from validation.claims import CLAIMS

    shown = out(capsys, "list", "claims").splitlines()
    assert sum(line.startswith("  ") for line in shown) == len(CLAIMS)
    assert " Images, and networks for them: `images`" in shown
    assert not any("chapter" in line for line in shown)
    for name in ("single-view", "claims.single-view", "claims.single_view"):
        text = " ".join(out(capsys, "show", name).split())
        assert CLAIMS["single-view"].statement in text
        assert "Expected verdict: HOLDS" in text
    refuted = next(claim for claim in CLAIMS.values() if claim.refuted)
    text = out(capsys, "show", refuted.name)
    assert "Expected verdict: FAILS" in text
    assert "Refuted: " in text
    found = json.loads(out(capsys, "show", refuted.name, "--json"))
    assert (found["kind"], found["refuted"]) == ("claim", refuted.refuted)
    assert main(["predict", "single-view"]) == 2
    assert "is a claim, no closed form" in capsys.readouterr().err


def test_without_the_checker_one_line_names_its_extra(capsys, monkeypatch):
    monkeypatch.delitem(sys.modules, "validation.claims", raising=False)
    monkeypatch.setitem(sys.modules, "pandas", None)

    # As if the claims needed what is not there.
    def lacking(name):
        raise ModuleNotFoundError("No module named 'pandas'", name="pandas")

    monkeypatch.setattr(catalogue, "import_module", lacking)
    assert main(["list", "claims"]) == 2
    assert capsys.readouterr().err == (
        "mvtheory: claims cannot be listed: pandas is not installed, and this needs it: "
        'pip install "mvtheory[validation]"\n'
    )


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (["ensemble"], {"equation", "expression", "arguments", "solvable", "status"}),
        (["theorems.ensemble"], {"statement", "hypotheses", "bounds"}),
        (["laws.free_add"], {"signature", "documentation"}),
        (["marchenko-pastur"], {"signature", "documentation"}),
    ],
)
def test_show_in_json_says_all_of_it(words, keys, capsys):
    assert keys <= json.loads(out(capsys, "show", *words, "--json")).keys()


def test_search_finds_from_the_command_line(capsys):
    shown = out(capsys, "search", "majority", "vote").splitlines()
    assert shown[0].split()[0] == "coverage.majority_vote"
    rows = json.loads(out(capsys, "search", "majority vote", "--json"))
    assert [row["name"] for row in rows] == [line.split()[0] for line in shown]
    assert "Did you mean 'temperature'?" in out(capsys, "search", "temprature")


def test_hyphens_and_underscores_are_alike_everywhere(capsys):
    for words in (
        ["predict", "test-error", "single-view-fraction=.04", "coverage=.5", "classes=3"],
        ["predict", "test_error", "single_view_fraction=.04", "coverage=.5", "classes=3"],
    ):
        # mu (1 - C) (1 - 1/K)
        assert "0.0133333333333333" in out(capsys, *words)
    for name in ("marchenko_pastur", "MarchenkoPastur", "marchenko-pastur"):
        found = json.loads(out(capsys, "spectrum", name, "aspect-ratio=2", "--json"))
        assert found["law"] == "MarchenkoPastur(aspect_ratio=2.0, variance=1.0)"
    assert "--hard-weights" in out(capsys, "advise", "-h")
    assert main(["advise", "--hard_weights", "1"]) == 2
    assert "No such option" not in capsys.readouterr().err


def test_tables_with_commas_hold_what_json_holds(capsys):
    words = ["predict", "ensemble", "views=2,3", "networks=1:5:2"]
    rows = json.loads(out(capsys, *words, "--json"))
    table = list(csv.DictReader(io.StringIO(out(capsys, *words, "--csv"))))
    assert [{k: str(v) for k, v in row.items()} for row in rows] == table
    assert main([*words, "--csv", "--json"]) == 2
    assert "exclude each other" in capsys.readouterr().err
    for words in (["show", "ensemble"], ["doctor"]):
        lines = csv.DictReader(io.StringIO(out(capsys, *words, "--csv")))
        table = {row["what"]: row["value"] for row in lines}
        whole = json.loads(out(capsys, *words, "--json"))
        assert {what.split()[0] for what in table} == set(whole)
        for what, value in whole.items():
            if isinstance(value, str):
                assert table[what] == value
        assert main([*words, "--csv", "--json"]) == 2
        assert "exclude each other" in capsys.readouterr().err
    # The last table is the doctor's.
    assert table["versions numpy"] == np.__version__


def test_several_formulas_are_drawn_with_data_and_residuals(tmp_path, capsys):
    (tmp_path / "run.csv").write_text("networks,ensemble,ensemble_error\n1,.5,.1\n3,.9,.05\n")
    file = tmp_path / "figure.svg"
    words = ["plot", "ensemble", "coverage.distilled", "views=2", "student_win=0", "networks=1:6"]
    data = ["--data", str(tmp_path / "run.csv"), "--residuals", "--width", "single"]
    out(capsys, *words, *data, "-o", str(file))
    text = file.read_text()
    for word in ("distilled", "ensemble, measured", "residual", "N, networks in the ensemble"):
        assert re.search(rf"<text[^>]*>{word}", text), word
    assert 'width="252pt"' in text


def test_the_doctor_says_what_is_here(capsys):
    found = json.loads(out(capsys, "doctor", "--json"))
    assert found["versions"]["numpy"] == np.__version__
    assert found["machine"]["devices"].startswith("CPU")
    assert "blas" in found["machine"]["BLAS"].lower() or found["machine"]["BLAS"]
    assert {"validation", "files"} <= found["extras"].keys()
    shown = out(capsys, "doctor")
    assert np.__version__ in shown
    assert "MVTHEORY_DATA" in shown


def test_the_doctor_works_without_torch(capsys, monkeypatch):
    known = extras.version_of
    monkeypatch.setattr(extras, "version_of", lambda n: None if n == "torch" else known(n))
    shown = " ".join(out(capsys, "doctor").split())
    assert "CPU (GPUs: torch is not installed)" in shown
    assert 'validation: pip install "mvtheory[validation]" adds torch' in shown
    assert "torch not installed" in shown


def test_a_torch_that_cannot_be_loaded_is_told(monkeypatch):
    monkeypatch.setattr(doctor, "DEVICES", "raise OSError('no libcuda')")
    assert doctor.devices() == ["CPU (GPUs: torch cannot be loaded, OSError: no libcuda)"]
    monkeypatch.setattr(doctor, "DEVICES", "print('NVIDIA H200')")
    assert doctor.devices() == ["CPU", "NVIDIA H200"]


def test_every_extra_says_what_it_adds_and_which_modules_it_has():
    assert all(extras.requirements().values())
    assert {"", *extras.ADDS} == set(extras.requirements())
    assert extras.remedy("threadpoolctl").endswith('pip install "mvtheory[validation]"')
    assert extras.remedy("dask") is None
    assert extras.remedy("distributed.client").endswith('pip install "mvtheory[cluster]"')
    assert extras.remedy(None) is None


@pytest.mark.parametrize("module", ["pandas", "threadpoolctl.api", "nobody"])
def test_a_library_that_is_missing_is_one_line_that_names_its_extra(module, capsys):
    app = typer.Typer()

    @app.callback(invoke_without_command=True)
    def fail():
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)

    if module == "nobody":
        with pytest.raises(ModuleNotFoundError):  # a fault of ours is not hidden
            run_app(app, "mvtheory", [])
        return
    assert run_app(app, "mvtheory", []) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.endswith('pip install "mvtheory[validation]"\n')


def completed(line):
    """What bash is offered at the end of a line."""
    words = line.split(" ")
    environment = os.environ | {
        "_MVTHEORY_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    run = subprocess.run(
        [sys.executable, "-c", "import sys; from mvtheory.cli import main; sys.exit(main())"],
        env=environment, capture_output=True, text=True,
    )  # fmt: skip
    return run.stdout.split()


def test_shells_complete_commands_names_and_arguments():
    assert completed("mvtheory sp") == ["spectrum"]
    assert completed("mvtheory list th") == ["theorems"]
    assert "networks_for_coverage" in completed("mvtheory predict networks_for")
    assert completed("mvtheory predict ensemble views=3 net") == ["networks="]
    assert completed("mvtheory spectrum marchenko") == ["marchenko-pastur"]


def test_help_is_asked_for_by_h_too(capsys):
    for words in ([], ["list"], ["spectrum"]):
        assert out(capsys, *words, "-h") == out(capsys, *words, "--help")


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
