"""The command advise: what it prints and draws, and one line for everything that is wrong."""

import json
from dataclasses import fields

import numpy as np
import pytest
from typer.testing import CliRunner

from mvtheory.advise import anchor_from_text
from mvtheory.cli import app, main
from mvtheory.distillation import Anchor, TopK, advise

CLASSES, SAMPLES = 5, 400


@pytest.fixture(scope="module")
def arrays():
    rng = np.random.default_rng(3)
    labels = rng.integers(CLASSES, size=SAMPLES)
    signal, noise = 2 * np.eye(CLASSES)[labels], rng.standard_normal((SAMPLES, CLASSES))
    return {
        "labels": labels,
        "student": signal + 2 * noise,
        "teacher": 2 * signal + noise,
        "soft": signal + noise,
        "split": np.arange(SAMPLES) < 100,
    }


@pytest.fixture
def files(arrays, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, array in arrays.items():
        np.save(f"{name}.npy", array)
    return ["--labels", "labels.npy", "--student", "student.npy", "--teacher", "teacher.npy"]


def test_advice_table_and_figure(arrays, files, tmp_path, capsys):
    more = ["--soft-student", "soft.npy@4", "--split", "split.npy", "-o", "figure.png"]
    assert main(["advise", *files, *more]) == 0
    captured = capsys.readouterr()
    text = " ".join(captured.out.split())
    assert captured.err == ""
    expected = advise(
        arrays["labels"],
        arrays["student"],
        arrays["teacher"],
        anchors=[Anchor(logits=arrays["soft"], temperature=4)],
        split=arrays["split"],
    )
    assert str(expected) in text
    assert expected.assumptions in text
    half = np.maximum(expected.high - expected.predicted, expected.predicted - expected.low)
    lines = [line.split() for line in captured.out.splitlines()]
    for row, t in enumerate(expected.temperatures):
        cells = next(line for line in lines if line[:1] == [f"{t:g}"] and len(line) == 7)[1:]
        for column, cell in enumerate(cells):
            assert cell.startswith("*") == ((row, column) == expected.best)
            middle, width = (float(part) for part in cell.lstrip("*").split("±"))
            assert middle == pytest.approx(expected.predicted[row, column], abs=5.001e-4)
            assert width == pytest.approx(half[row, column], abs=5.001e-4)
    held = sum(found.holds and not found.of_data for found in expected.diagnostics)
    others = [found for found in expected.doubts if found not in expected.data_doubts]
    count = f"Hypotheses of the random-matrix theory: {held} hold, {len(others)} do not"
    # In words first: what the advice does not go by is listed only where it is asked for.
    assert f"{count} (the advice does not go by them; --details lists them)." in text
    assert others
    assert not any(f"- {found.name}: {found.size}" in text for found in others)
    assert text.endswith("Figure: figure.png")
    assert main(["advise", *files, *more, "--details"]) == 0
    longer = " ".join(capsys.readouterr().out.split())
    assert f"{count}:" in longer
    for found in others:
        assert f"- {found.name}: {found.size}" in longer
        assert f"- {found.name}: {found.size}" in expected.details()
    assert (tmp_path / "figure.png").stat().st_size > 10_000


def test_every_option_reaches_the_advice(arrays, files, tmp_path, capsys):
    np.save("run.npy", arrays["soft"].astype(np.float16))
    np.save("split.npy", np.arange(100))
    more = ["--soft-student", "soft.npy", "--distilled", "run.npy@2,0.25", "--distilled", "run.npy",
            "--split", "split.npy", "--temperatures", "3,1.5", "--hard-weights", "0.8",
            "--confidence", "0.5", "--other-start", "--out", "figure.svg"]  # fmt: skip
    assert main(["advise", *files, *more]) == 0
    text = " ".join(capsys.readouterr().out.split())
    run = arrays["soft"].astype(np.float16)
    expected = advise(
        arrays["labels"],
        arrays["student"],
        arrays["teacher"],
        anchors=[
            Anchor(logits=arrays["soft"], temperature=4),
            Anchor(logits=run, temperature=2, hard_weight=0.25),
            Anchor(logits=run, temperature=4, hard_weight=0.1),
        ],
        split=np.arange(100),
        temperatures=[3, 1.5],
        hard_weights=[0.8],
        confidence=0.5,
        same_start=False,
    )
    assert str(expected) in text
    assert "50 % interval" in text
    assert (tmp_path / "figure.svg").read_text().startswith("<?xml")


def test_the_objective_is_tabled(arrays, files, capsys):
    assert main(["advise", *files, "--objective", "log loss", "-o", "figure.svg"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    given = [arrays[name] for name in ("labels", "student", "teacher")]
    sought = advise(*given, objective="log loss").sought
    assert "Predicted log loss ± half the interval" in text
    assert f"predicted log loss {sought.predicted[sought.best]:.4f}" in text
    assert f"{sought.predicted[0, 0]:.3f}±".removeprefix("0") in text
    assert "the log loss differs by" in text
    assert main(["advise", *files, "--objective", "loss"]) == 2
    assert "objective='loss' is not allowed (accuracy," in capsys.readouterr().err


def test_without_distilled_students(files, capsys):
    assert main(["advise", *files, "-o", "figure.pdf"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "the teacher's own outputs stand in" in text


def test_wide_tables_are_whole_and_names_are_no_markup(files, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    weights = [f"{a:.6f}" for a in np.linspace(0.012345, 0.912345, 14)]
    (tmp_path / "[red]a[").mkdir()
    out = tmp_path / "[red]a[/b].png"
    words = ["--hard-weights", ",".join(weights), "-o", "[red]a[/b].png"]
    assert main(["advise", *files, *words]) == 0
    text = capsys.readouterr().out
    assert "…" not in text
    for a in weights:
        assert f"a_H {float(a):g}" in text
    assert sum(line.count("±") == 14 for line in text.splitlines()) == 4
    assert "Figure: [red]a[/b].png" in text
    assert out.exists()


def test_doubts_about_the_data_are_said_first(arrays, files, capsys):
    np.save("teacher.npy", np.random.default_rng(0).standard_normal((SAMPLES, CLASSES)))
    assert main(["advise", *files]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert text.startswith("Check the data first: teacher on the tested samples does not hold: ")
    # And not again with the hypotheses of the theory.
    assert text.count("teacher above chance") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--classes", "a,b"], "classes=['a', 'b'] are 2 names, the outputs have 5 classes"),
        (["--ignore-index", "x", "--labels", "student.npy"], "ignore_index='x' is not allowed"),
        (["--probabilities", "most"], "--probabilities='most' is not allowed (all, or some of"),
        (["--probabilities", "teacher"], "teacher holds rows that are no probabilities"),
        (["--teacher-indices", "labels.npy"], "indices of shape (400,) and values of shape (400"),
        (["--labels", "nothing.npy"], "--labels='nothing.npy' cannot be read as .npy"),
        (["--student", "text.npy"], "--student='text.npy' cannot be read as .npy"),
        (["--teacher", "pickled.npy"], "--teacher='pickled.npy' cannot be read as .npy"),
        (["--teacher", "objects.npy"], "--teacher='objects.npy' cannot be read as .npy"),
        (["--teacher", "empty.npy"], "--teacher='empty.npy' cannot be read as .npy"),
        (["--split", "."], "--split='.' cannot be read as .npy"),
        (
            ["--split", "both.npz"],
            "cannot be read as .npz: it holds several arrays (a, b)",
        ),
        (["--soft-student", "nothing.npy@2"], "--soft-student='nothing.npy' cannot be read"),
        (["--soft-student", "soft.npy@x"], "'soft.npy@x' is not of the form FILE, FILE@T, FILE"),
        (["--soft-student", "soft.npy@"], "'soft.npy@' is not of the form"),
        (["--soft-student", "soft.npy@0"], "temperature=0.0 is not allowed"),
        (["--soft-student", "soft.npy@nan"], "temperature=nan is not allowed"),
        (["--distilled", "soft.npy@4,2"], "hard_weight=2.0 is not allowed"),
        (["--distilled", "soft.npy@4,1"], "a student of hard labels alone is the argument"),
        (["--distilled", "soft.npy@4,0.1,3"], "beta=3.0 is not allowed"),
        (["--distilled", "soft.npy@4,0,0,1"], "--distilled='soft.npy@4,0,0,1' is not of the form"),
        (["--distilled", "soft.npy", "--betas", "0,1"], "betas with 1 is not allowed (0 to 0"),
        (["--distilled", "labels.npy"], "anchors[0].logits of shape (400,) is not allowed"),
        (["--labels", "student.npy"], "labels of shape (400, 5) are not allowed"),
        (["--student", "labels.npy"], "student of shape (400,) is not allowed"),
        (["--split", "soft.npy"], "split of shape (400, 5), float64, is not allowed"),
        (["--teacher", "structured.npy"], "teacher of type [('a', '<f8')] is not allowed"),
        (["--teacher", "hollow.npy"], "teacher of shape (0, 5) is not allowed"),
        (["--temperatures", "1,,2"], "--temperatures='1,,2' is not a list of numbers"),
        (["--temperatures", "0"], "temperature=0.0 is not allowed"),
        (["--temperatures", "2,2"], "temperature=2.0 is not allowed"),
        (["--hard-weights", "a"], "--hard-weights='a' is not a list of numbers"),
        (["--hard-weights", "-0.1"], "hard_weight=-0.1 is not allowed"),
        (["--confidence", "1"], "confidence=1.0 is not allowed"),
        (["--confidence", "high"], "--confidence"),
        (["-o", "figure.gif"], "out='figure.gif' must end in .png, .pdf or .svg"),
        (["-o", "no/figure.png"], "there is no folder 'no'"),
        (["--quickly"], "--quickly"),
    ],
)
def test_what_is_wrong_is_one_line(files, arguments, words, tmp_path, capsys):
    (tmp_path / "text.npy").write_text("1, 2, 3")
    (tmp_path / "empty.npy").write_bytes(b"")
    objects = np.array([{}, None], dtype=object)
    np.save("objects.npy", objects, allow_pickle=True)
    (tmp_path / "pickled.npy").write_bytes(objects.dumps())
    np.savez("both.npz", a=np.ones(2), b=np.ones(2))
    np.save("structured.npy", np.zeros((SAMPLES, CLASSES), dtype=[("a", float)]))
    np.save("hollow.npy", np.empty((0, CLASSES)))
    if arguments[0] in files:
        place = files.index(arguments[0])
        files = files[:place] + files[place + 2 :]
    assert main(["advise", *files, *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("mvtheory: ")
    assert captured.err.count("\n") == 1
    assert words in captured.err
    assert not list(tmp_path.glob("*.png"))


@pytest.mark.parametrize("missing", ["--labels", "--student", "--teacher"])
def test_the_three_files_are_needed(files, missing, capsys):
    place = files.index(missing)
    assert main(["advise", *files[:place], *files[place + 2 :]]) == 2
    assert missing in capsys.readouterr().err


def test_help_documents_every_option():
    # One line each where there is room.
    shown = CliRunner().invoke(
        app, ["advise", "--help"], terminal_width=200, env={"COLUMNS": "200"}
    )
    assert shown.exit_code == 0
    lines = [line.split() for line in shown.output.splitlines() if line.strip().startswith("-")]
    names = {word.rstrip(",") for words in lines for word in words if word.startswith("--")}
    assert names == {
        "--labels", "--student", "--teacher", "--soft-student", "--distilled", "--split",
        "--temperatures", "--hard-weights", "--betas", "--confidence", "--other-start", "--scaled",
        "--objective", "--classes", "--ignore-index", "--probabilities",
        "--teacher-indices", "--rest", "--details", "--width", "--json", "--csv", "--out", "--help",
    }  # fmt: skip
    for words in lines:
        assert len(words) > 3, words


def test_students_of_several_divergences(files, arrays, capsys):
    given = ["--distilled", "soft.npy@4,.1", "--distilled", "teacher.npy@4,.1,1"]
    assert (
        main(["advise", *files, *given, "--betas", "0,0.5", "--json", "--temperatures", "2"]) == 0
    )
    found = json.loads(capsys.readouterr().out)
    expected = advise(
        arrays["labels"], arrays["student"], arrays["teacher"], temperatures=[2], betas=[0, 0.5],
        anchors=[Anchor(logits=arrays[name], temperature=4, hard_weight=0.1, beta=beta)
                 for name, beta in (("soft", 0), ("teacher", 1))], diagnose=False,
    )  # fmt: skip
    assert found["beta"] == expected.beta
    assert list(found["by_beta"]) == ["0", "0.5"]
    for beta, one in expected.by_beta.items():
        np.testing.assert_array_equal(found["by_beta"][f"{beta:g}"]["high"], one.high)


def test_anchors_are_made_from_text(files):
    for text, setting in (
        ("soft.npy", (4, 0.1)),
        ("soft.npy@2.5", (2.5, 0.1)),
        ("soft.npy@8,0", (8, 0)),
        ("soft.npy@1e1,.5", (10, 0.5)),
        ("soft.npy@1e1,.5,.25", (10, 0.5, 0.25)),
    ):
        anchor = anchor_from_text("--distilled", text, 0.1)
        assert (anchor.temperature, anchor.hard_weight, anchor.beta)[: len(setting)] == setting
        assert anchor.logits.shape == (SAMPLES, CLASSES)


def decoded(capsys):
    return json.loads(capsys.readouterr().out)


def test_json_holds_the_whole_advice(arrays, files, tmp_path, capsys):
    more = ["--soft-student", "soft.npy@4", "--split", "split.npy"]
    assert main(["advise", *files, *more, "--json"]) == 0
    found = decoded(capsys)
    anchors = [Anchor(logits=arrays["soft"], temperature=4)]
    expected = advise(arrays["labels"], arrays["student"], arrays["teacher"], anchors=anchors,
                      split=arrays["split"])  # fmt: skip
    assert {field.name for field in fields(expected) if field.repr} <= found.keys()
    assert {"measures", "class_accuracy"} <= found.keys()
    assert found["advice"] == str(expected)
    for name in ("predicted", "low", "high"):
        np.testing.assert_array_equal(found[name], getattr(expected, name))
    for name in (
        "worth",
        "temperature",
        "hard_weight",
        "assumptions",
        "student_accuracy",
        "teacher_accuracy",
        "sampling_error",
        "confidence",
        "method",
        "next_run",
    ):
        assert found[name] == getattr(expected, name)
    assert found["best"] == list(expected.best)
    assert [one["name"] for one in found["diagnostics"]] == [d.name for d in expected.diagnostics]
    assert [one["observed"] for one in found["diagnostics"]] == [
        d.observed for d in expected.diagnostics
    ]
    assert found["doubts"] == [d.name for d in expected.doubts]
    assert not list(tmp_path.glob("*.png"))
    assert main(["advise", *files, *more, "--json", "-o", "figure.png"]) == 0
    assert decoded(capsys) == found
    assert (tmp_path / "figure.png").is_file()


def test_files_of_every_kind_of_input(arrays, files, tmp_path, capsys):
    """One archive, names of classes, ignored samples, probabilities and two teachers at once."""
    names = np.array(["ant", "bee", "cat", "dog", "eel"])
    p = np.exp(arrays["student"])
    p /= p.sum(axis=1, keepdims=True)
    words = np.append(names[arrays["labels"]], "pad")
    spoilt = {
        name: np.append(array, np.full((1, CLASSES), np.nan), axis=0)
        for name, array in (("p", p), ("t", arrays["teacher"]), ("soft", arrays["soft"]))
    }
    np.savez("run.npz", labels=words, **spoilt)
    (tmp_path / "names.txt").write_text("\n".join(names))
    for classes in ("names.txt", "sorted", ",".join(names)):
        options = [
            "--labels",
            "run.npz:labels",
            "--student",
            "run.npz:p",
            "--teacher",
            "run.npz:t",
            "--teacher",
            "run.npz:soft",
            "--probabilities",
            "student",
            "--ignore-index",
            "pad",
            "--classes",
            classes,
            "--soft-student",
            "run.npz:soft@4",
            "--json",
        ]
        assert main(["advise", *options]) == 0
        found = decoded(capsys)
        expected = advise(
            arrays["labels"],
            arrays["student"],
            (arrays["teacher"] + arrays["soft"]) / 2,
            anchors=[Anchor(logits=arrays["soft"], temperature=4)],
        )
        np.testing.assert_allclose(found["predicted"], expected.predicted, rtol=0, atol=1e-9)
        np.testing.assert_allclose(found["high"], expected.high, rtol=0, atol=1e-9)


@pytest.mark.parametrize("rest", ["spread", "class"])
def test_the_largest_k_of_a_teacher(arrays, files, rest, capsys):
    p = np.exp(arrays["teacher"])
    p /= p.sum(axis=1, keepdims=True)
    order = np.argsort(-p, axis=1)[:, :3]
    np.save("indices.npy", order)
    np.save("teacher.npy", np.take_along_axis(p, order, axis=1))
    more = ["--teacher-indices", "indices.npy", "--rest", rest, "--soft-student", "soft.npy"]
    assert main(["advise", *files, *more, "--json"]) == 0
    found = decoded(capsys)
    values = np.take_along_axis(p, order, axis=1)
    teacher = TopK(order, values, classes=CLASSES, rest=rest)
    anchors = [Anchor(logits=arrays["soft"], temperature=4)]
    expected = advise(arrays["labels"], arrays["student"], teacher, anchors=anchors)
    np.testing.assert_array_equal(found["predicted"], expected.predicted)
    assert found["notes"] == list(expected.notes)
    assert main(["advise", *files, *more]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert f"Note: {expected.notes[0]}." in text
