"""The command ensemble: what it prints and draws, and one line for everything that is wrong."""

import inspect
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from mvtheory.cli import app, main
from mvtheory.ensemble import ensemble, sizes_from_text
from mvtheory.ensembles import advise_ensemble
from mvtheory.ensembles.advice import SIZES
from mvtheory.ensembles.subsets import SCORES

CLASSES, SAMPLES = 5, 400


@pytest.fixture(scope="module")
def arrays():
    rng = np.random.default_rng(3)
    labels = rng.integers(CLASSES, size=SAMPLES)
    right = 2 * np.eye(CLASSES)[labels] + rng.normal(size=(SAMPLES, CLASSES))
    a, b, c = right + rng.normal(size=(3, SAMPLES, CLASSES))
    return {"labels": labels, "a": a, "b": b, "c": c}


@pytest.fixture
def files(arrays, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, array in arrays.items():
        np.save(f"{name}.npy", array)
    return ["--labels", "labels.npy", "--member", "a.npy", "--member", "b.npy"]


def members(arrays, names="ab"):
    return [arrays[name] for name in names]


def rows(printed):
    """Lines of the table, by the number of networks; which of them has the star."""
    lines = [line.split() for line in printed.splitlines()]
    found = {words[0].lstrip("*"): words[1:] for words in lines if words[2:4:2] and "to" in words
             and len(words) == 9}  # fmt: skip
    return found, [words[0][1:] for words in lines if words[:1] and words[0].startswith("*")]


def test_sentence_table_and_figure(arrays, files, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["ensemble", *files, "--member", "c.npy", "-o", "figure.png"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert max(map(len, captured.out.splitlines())) <= 80
    text = " ".join(captured.out.split())
    advice = advise_ensemble(arrays["labels"], members(arrays, "abc"))
    assert text.startswith(str(advice))
    shown, starred = rows(captured.out)
    assert list(shown) == [f"{n:g}" for n in sorted({*SIZES, advice.size})]
    assert starred == [f"{advice.size}"]
    expected = advice.at([float(n) for n in shown])
    for row, words in enumerate(shown.values()):
        found = [float(word) for word in words if word != "to"]
        wanted = [
            values[row]
            for values in (expected.accuracy, expected.low, expected.high, expected.log_loss,
                           expected.brier, expected.calibration_error, expected.vote)
        ]  # fmt: skip
        np.testing.assert_allclose(found, wanted, atol=5.001e-5)
    assert "nats" in text
    assert text.endswith("Figure: figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 10_000


def test_every_option_reaches_the_advice(arrays, files, tmp_path, capsys):
    more = ["--sizes", "1:3,7,inf", "--average", "logits", "--cost", "0.004", "--confidence", "0.5",
            "--new-samples", "--json", "-o", "figure.svg"]  # fmt: skip
    assert main(["ensemble", *files, *more]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    found = json.loads(captured.out, parse_constant=pytest.fail)
    sizes = [1, 2, 3, 7, np.inf]
    advice = advise_ensemble(
        arrays["labels"], members(arrays), sizes=sizes, average="logits", cost=0.004,
        confidence=0.5, new_samples=True,
    )  # fmt: skip
    assert found["sizes"] == [1, 2, 3, 7, "inf"]
    for name in SCORES:
        assert found[name] == getattr(advice, name).tolist()
        assert found["subsets"][name] == getattr(advice.subsets, name).tolist()
        low, high = np.transpose(found["intervals"][name])
        assert (low.tolist(), high.tolist()) == tuple(b.tolist() for b in advice.intervals[name])
    assert found["vote"] == advice.vote.tolist()
    assert found["recommended"] == advice.size
    limit, low, high = advice.limit
    assert found["limit"] == {"accuracy": limit, "interval": [low, high]}
    assert found["advice"] == str(advice)
    assert found["doubts"] == list(advice.doubts)
    assert found["kind"]["name"] == advice.kind.name
    assert found["kind"]["rescue"] == advice.kind.rescue
    for name in ("average", "cost", "confidence", "new_samples", "members", "samples", "classes",
                 "next_member", "worth_distilling", "narrower"):  # fmt: skip
        assert found[name] == getattr(advice, name)
    assert (tmp_path / "figure.svg").read_text().startswith("<?xml")


def test_json_draws_no_figure_unless_asked_and_has_no_infinity_of_its_own(
    arrays, files, tmp_path, capsys
):
    # Where no member votes for the label, the share of its votes is 0.
    assert main(["ensemble", *files, "--json", "--average", "vote"]) == 0
    found = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert found["log_loss"][:2] == ["inf", "inf"]
    assert not list(tmp_path.glob("*.png"))


def test_all_members_in_one_file_are_the_same_advice(arrays, files, capsys):
    np.save("both.npy", np.stack(members(arrays)))
    assert main(["ensemble", *files, "--json"]) == 0
    apart = capsys.readouterr().out
    assert main(["ensemble", *files[:2], "--member", "both.npy", "--json"]) == 0
    assert capsys.readouterr().out == apart


def test_doubts_are_said_first_and_a_figure_has_a_name_without_being_asked(files, tmp_path, capsys):
    assert main(["ensemble", *files[:4], "--member", "a.npy"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert text.startswith("Check the members first: members[0] and members[1] put out the same")
    assert text.endswith("Figure: ensemble.png")
    assert (tmp_path / "ensemble.png").exists()


def test_a_doubt_that_asks_ends_with_its_question_mark(arrays, files, capsys):
    np.save("c.npy", arrays["c"][::-1])
    assert main(["ensemble", *files, "--member", "c.npy"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "in the same order as the labels? Recommended: " in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--labels", "nothing.npy"], "--labels='nothing.npy' cannot be read as .npy"),
        (["--member", "nothing.npy"], "--member='nothing.npy' cannot be read as .npy"),
        (["--member", "labels.npy"], "members[2] of shape (400,) is not allowed"),
        (["--labels", "a.npy"], "labels of shape (400, 5) are not allowed"),
        (["--sizes", "1:x"], "--sizes='1:x' is not allowed (networks in the ensemble, or inf"),
        (["--sizes", "1,,2"], "--sizes='' is not allowed"),
        (["--sizes", "0"], "--sizes=0.0 is not allowed"),
        (["--sizes", "2.5"], "--sizes=2.5 is not allowed"),
        (["--sizes", "nan"], "--sizes='nan' is not allowed"),
        (["--average", "mean"], "average='mean' is not allowed (probabilities, logits, vote)"),
        (["--cost", "-1"], "cost=-1.0 is not allowed"),
        (["--cost", "nan"], "cost=nan is not allowed"),
        (["--confidence", "1"], "confidence=1.0 is not allowed"),
        (["-o", "figure.gif"], "out='figure.gif' must end in .png, .pdf or .svg"),
        (["--json", "-o", "no/figure.png"], "there is no folder 'no'"),
        (["--quickly"], "--quickly"),
    ],
)
def test_what_is_wrong_is_one_line(files, arguments, words, tmp_path, capsys):
    if arguments[0] == "--labels":
        files = files[2:]
    assert main(["ensemble", *files, *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("mvtheory: ")
    assert captured.err.count("\n") == 1
    assert words in captured.err
    assert not list(tmp_path.glob("*.png"))


def test_labels_and_two_members_are_needed(files, capsys):
    assert main(["ensemble", *files[2:]]) == 2
    assert "--labels" in capsys.readouterr().err
    assert main(["ensemble", *files[:2]]) == 2
    assert "--member" in capsys.readouterr().err
    assert main(["ensemble", *files[:4]]) == 2
    assert "members holds 1 (n >= 2 networks" in capsys.readouterr().err


def test_help_documents_every_option():
    wide = {"terminal_width": 200, "env": {"COLUMNS": "200"}}
    shown = CliRunner().invoke(app, ["ensemble", "--help"], **wide)
    assert shown.exit_code == 0
    lines = [line.split() for line in shown.output.splitlines() if line.strip().startswith("-")]
    names = {word.rstrip(",") for words in lines for word in words if word.startswith("--")}
    assert names == {
        "--labels", "--member", "--sizes", "--average", "--cost", "--confidence", "--new-samples",
        "--json", "--csv", "--width", "--out", "--help",
    }  # fmt: skip
    for words in lines:
        assert len(words) > 3, words
    assert "ensemble" in CliRunner().invoke(app, ["--help"], **wide).output.split("Commands:")[1]


def test_sizes_asked_for_without_being_named_are_those_of_the_advisor():
    default = inspect.signature(ensemble).parameters["sizes"].default
    assert tuple(sizes_from_text("--sizes", default)) == SIZES
