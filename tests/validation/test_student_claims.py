"""The claims about distilled students: their settings, tables, observations and pictures."""

import itertools
import re
from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.special import log_softmax

from mvtheory.distillation import (
    Anchor,
    advise,
    chi_measured,
    estimate_test,
    gain_measured,
    logit_gradient,
    soft_weight,
)
from validation import command
from validation.claims import CLAIMS, of_preset
from validation.code import modules_of
from validation.experiments import measure
from validation.experiments.students import setting as students
from validation.experiments.students import training as student_measures
from validation.experiments.students.setting import ANCHOR
from validation.records import shards as store
from validation.records import tables
from validation.records.conclusion import conclude
from validation.report import figures as figure
from validation.report import page as pages
from validation.report.panels import ends_of
from validation.running import completing, executors, runner
from validation.trial import plan
from validation.trial.claim import EXTRAS, Comparison, Expectation, Measured, Verdict

SEED = 3
REPLICATES = 3
SMOKE = students.settings("smoke")
OWN = {
    name: CLAIMS[name]
    for name in ("dual-gradient", "h-spectrum", "distilled-accuracy", "advisor-regret")
}
TRIED = [(claim, setting) for claim in OWN.values() for setting in claim.settings("smoke")]
COLUMNS = {
    "problem": {"student_accuracy", "teacher_accuracy"},
    "students": {
        "temperature", "hard_weight", "accuracy", "balanced", "linear", "test_form", "dual",
        "printed", "one", "two",
    },
    "gradient": {"temperature", "hard_weight", "residual", "reverse_residual"},
    "advice": {
        "temperature", "hard_weight", "worth", "reached", "best", "usual", "random",
    },
    "spectrum": {"part", "temperature", "law", "distance", "own_distance", "accuracy"},
}  # fmt: skip
LAWS = [
    (0.0, "generalised Wishart"),
    (0.0, "confusion"),
    (0.0, "generalised Wishart fitted"),
    (1.0, "generalised Wishart"),
    (1.0, "generalised Wishart fitted"),
]


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """As in every worker: the order of sums is then fixed."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def gathered(setting, replicates=range(REPLICATES)) -> Measured:
    """Replicates as a run gathers them."""
    return store.measured(
        setting,
        [
            store.Shard(setting.describe(), SEED, n, measure(setting, SEED, n), {})
            for n in replicates
        ],
    )


@pytest.fixture(scope="module")
def studied() -> dict[str, Measured]:
    """Every smoke setting trained to its end, by label."""
    return {setting.label: gathered(setting) for setting in SMOKE}


def test_the_claims_of_students_are_these():
    assert set(OWN) == {"dual-gradient", "h-spectrum", "distilled-accuracy", "advisor-regret"}
    assert len(set(SMOKE)) == len({setting.label for setting in SMOKE}) == 2
    assert {setting.problem for setting in SMOKE} == set(students.PROBLEMS)


@pytest.mark.parametrize("preset", ["smoke", "quick", "standard", "full"])
def test_settings_give_what_their_measurements_ask_for(preset):
    for setting in students.settings(preset):
        # The advisor's anchor, and for every mixture the student of soft labels alone.
        assert ANCHOR in setting.grid
        assert set(setting.grid) - set(setting.mixed) == {(t, 0.0) for t in setting.temperatures}
        assert len(set(setting.grid)) == len(setting.grid)
        assert all(0 < a < 1 for _, a in setting.mixed)
        if setting.problem == "digits":  # they are 1797, and the test has what is left
            parts = setting.training_samples, setting.teacher_samples, setting.test_samples
            assert sum(parts) == 1797
    assert len(CLAIMS["h-spectrum"].settings(preset)) == 1


def test_presets_grow():
    sizes = [
        [(len(s.grid), s.classes, s.spectrum_classes) for s in students.settings(preset)]
        for preset in ("smoke", "quick", "standard", "full")
    ]
    for smaller, larger in itertools.pairwise(sizes):
        for before, after in zip(smaller, larger, strict=True):
            assert all(b <= a for b, a in zip(before, after, strict=True))
            assert before != after


@pytest.mark.parametrize("setting", students.settings("quick"), ids=lambda s: s.label)
def test_shortened_settings_differ_in_lengths_only(setting):
    assert setting.shortened(setting.steps) == setting
    for steps in (1, 5, 25):
        short = setting.shortened(steps)
        assert short.steps == steps
        # In proportion to half a step, else a probe would not tell what a step costs.
        assert abs(short.teacher_steps - setting.teacher_steps * steps / setting.steps) <= 0.5
        longer = replace(short, steps=setting.steps, teacher_steps=setting.teacher_steps)
        assert longer == setting


@pytest.mark.parametrize("setting", SMOKE, ids=lambda s: s.label)
def test_every_network_is_counted_and_trained_as_its_place_says(setting, monkeypatch):
    trained = []

    def of_students(training, inputs, logits, conditions, seeds, **words):
        trained.extend((words["steps"], *condition) for condition in conditions for _ in seeds)
        return students_of(training, inputs, logits, conditions, seeds, **words)

    def of_teacher(data, classes, questions, seeds, **words):
        trained.extend((words["steps"], "teacher") for _ in seeds)
        return teacher_of(data, classes, questions, seeds, **words)

    students_of = student_measures.train_students
    teacher_of = student_measures.train_teacher
    monkeypatch.setattr(student_measures, "train_students", of_students)
    monkeypatch.setattr(student_measures, "train_teacher", of_teacher)
    short = replace(setting, steps=2, teacher_steps=3)
    measure(short, SEED, 0)
    assert len(trained) == setting.networks
    expected = [(3, "teacher")]
    expected += [(2, t, float(soft_weight(hard_weight=a, temperature=t))) for t, a in setting.grid]
    # Of hard labels alone: the grid's companion, and the one whose confusions make a spectrum.
    expected += [(2, 1.0, 0.0)] * (2 if setting.spectrum_classes else 1)
    assert trained == expected


@pytest.mark.parametrize("setting", SMOKE, ids=lambda s: s.label)
def test_tables_have_their_rows_and_columns(setting, studied):
    tables = studied[setting.label].tables
    rows = {"problem": 1, "students": len(setting.grid), "gradient": len(setting.grid), "advice": 1}
    if setting.spectrum_classes:
        rows["spectrum"] = setting.spectra * len(LAWS)
    assert set(tables) == set(rows)
    for name, table in tables.items():
        assert set(table.columns) == COLUMNS[name] | {"replicate"}
        assert table.groupby("replicate").size().to_dict() == dict.fromkeys(range(3), rows[name])
        numbers = table.select_dtypes("number")
        assert np.isfinite(numbers.to_numpy()).all()
    for _, table in tables["students"].groupby("replicate"):
        assert list(zip(table["temperature"], table["hard_weight"], strict=True)) == setting.grid
    counts = tables["students"]["accuracy"] * setting.test_samples
    np.testing.assert_allclose(counts, counts.round(), atol=1e-9)
    if setting.spectrum_classes:
        for _, table in tables["spectrum"].groupby("replicate"):
            parts = [part for part in range(setting.spectra) for _ in LAWS]
            assert table["part"].tolist() == parts
            found = list(zip(table["temperature"], table["law"], strict=True))
            assert found == LAWS * setting.spectra
            # Of one student each has test samples of its own.
            assert table["own_distance"].nunique() == len(table)
            assert table["accuracy"].nunique() > 1
            assert table[["distance", "own_distance"]].to_numpy().min() > 0
            assert table[["distance", "own_distance"]].to_numpy().max() < 1


@pytest.mark.parametrize("setting", SMOKE, ids=lambda s: s.label)
def test_the_seed_and_the_replicate_decide_every_bit(setting):
    short = setting.shortened(6)
    tables = measure(short, SEED, 0)
    # Nothing is kept of students but these tables, and nothing of them is compiled.
    again = measure(short, SEED, 0, "cpu", compiled=True, keep=EXTRAS)
    assert [again.pop(name) for name in EXTRAS] == [[], []]
    assert again == tables
    for other in (measure(short, SEED, 1), measure(short, SEED + 1, 0)):
        for name, rows in tables.items():
            assert rows != other[name], name


def test_settings_of_other_numbers_of_classes_draw_other_numbers():
    """Even the separate student of the spectrum, whose own classes are as many."""
    _, many = SMOKE
    short = many.shortened(3)
    other = replace(short, classes=7)
    assert measure(short, SEED, 0)["spectrum"] != measure(other, SEED, 0)["spectrum"]


@pytest.fixture(scope="module")
def recorded():
    """One replicate of either setting, with everything that its networks put out."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        for setting in SMOKE:
            seen = {}

            def spy(name, original, seen=seen):
                def call(*given, **words):
                    result = original(*given, **words)
                    seen.setdefault(name, result)  # the first: the spectrum's student comes later
                    return result

                return call

            for name in ("_data", "train_teacher", "train_students"):
                patch.setattr(student_measures, name, spy(name, getattr(student_measures, name)))
            tables = measure(setting, SEED, 0)
            found[setting.label] = (setting, tables, seen)
            patch.undo()
    return found


def shares(logits, labels):
    return float(np.mean(np.argmax(logits, axis=1) == labels))


@pytest.mark.parametrize("label", [setting.label for setting in SMOKE])
def test_predictions_are_those_of_the_theory_computed_anew(recorded, label):
    setting, tables, seen = recorded[label]
    training, _, test = seen["_data"]
    teacher, (learned, asked) = (
        seen["train_teacher"],
        (
            seen["train_students"].training[0].astype(float),
            seen["train_students"].test[0].astype(float),
        ),
    )
    places = {place: index for index, place in enumerate(setting.grid)}
    hard = shares(asked[-1], test.labels)
    (problem,) = tables["problem"]
    assert problem["student_accuracy"] == hard
    assert problem["teacher_accuracy"] == shares(teacher[1], test.labels)
    mixed = sorted({a for _, a in setting.mixed})

    def promised(anchors, split):
        """As somebody asks the advisor, by setting."""
        known = np.concatenate([learned, asked], axis=1) if split else asked
        told = np.concatenate([training.labels, test.labels]) if split else test.labels
        advice = advise(
            told, known[-1], np.concatenate(teacher) if split else teacher[1],
            anchors=[Anchor(logits=known[places[place]], temperature=place[0], hard_weight=place[1])
                     for place in anchors],
            split=np.arange(len(training.labels)) if split else None,
            temperatures=setting.temperatures, hard_weights=mixed, diagnose=False,
        )  # fmt: skip
        return {(t, a): advice.predicted[i, j] for i, t in enumerate(setting.temperatures)
                for j, a in enumerate(mixed)}  # fmt: skip

    soft = [(t, 0.0) for t in setting.temperatures]
    ends = [(t, ANCHOR[1]) for t in (min(setting.temperatures), max(setting.temperatures))]
    expected = {
        "balanced": promised(soft, True), "linear": promised(soft, False),
        "one": promised([ANCHOR], True), "two": promised(ends, True),
    }  # fmt: skip
    apart = 0
    for row in tables["students"]:
        t, a = row["temperature"], row["hard_weight"]
        w = float(soft_weight(hard_weight=a, temperature=t))
        assert row["accuracy"] == shares(asked[places[t, a]], test.labels)
        # Mixtures are found to 1e-6: one sample may lie so near to the border of two classes.
        one = 1.01 / setting.test_samples
        alone = shares(asked[places[t, 0.0]], test.labels)
        chi = chi_measured(alone, hard, setting.classes)
        form = estimate_test(classes=setting.classes, student_accuracy=hard, soft_weight=w, chi=chi)
        assert row["test_form"] == pytest.approx(float(form), abs=1e-12)
        gain = gain_measured(test.labels, asked[-1], teacher[1], t)
        chance = 1 / setting.classes
        dual = chance + (float(form) - chance) * (1 - w + w * gain)
        assert row["dual"] == pytest.approx(dual, abs=1e-12)
        if a:
            alpha = w * t / (1 - w)
            factor = t * (1 + alpha * gain) * (1 + alpha * chi) / (t + alpha) ** 2
            assert row["printed"] == pytest.approx(chance + factor * (hard - chance), abs=1e-9)
        if a == 0:
            assert {row[name] for name in expected} == {row["accuracy"]}
        else:
            for name, values in expected.items():
                assert row[name] == pytest.approx(values[t, a], abs=one)
        apart += abs(row["test_form"] - row["linear"]) > one
    assert apart  # else the test could not tell one predictor from another


@pytest.mark.parametrize("label", [setting.label for setting in SMOKE])
def test_the_advice_is_that_of_one_anchor(recorded, label):
    setting, tables, seen = recorded[label]
    training, _, test = seen["_data"]
    trained = seen["train_students"]
    place = setting.grid.index(ANCHOR)

    def both(index):
        return np.concatenate([trained.training[0, index], trained.test[0, index]])

    advice = advise(
        np.concatenate([training.labels, test.labels]),
        both(-1),
        np.concatenate(seen["train_teacher"]),
        anchors=[Anchor(logits=both(place), temperature=4, hard_weight=0.1)],
        split=np.arange(len(training.labels) + len(test.labels)) < len(training.labels),
        temperatures=setting.temperatures,
        hard_weights=setting.hard_weights,
    )
    (row,) = tables["advice"]
    assert (row["temperature"], row["hard_weight"]) == (advice.temperature, advice.hard_weight)
    assert row["worth"] == advice.worth
    seen_at = {(r["temperature"], r["hard_weight"]): r["accuracy"] for r in tables["students"]}
    hard = tables["problem"][0]["student_accuracy"]
    followed = seen_at[advice.temperature, advice.hard_weight]
    better = advice.predicted[advice.best] > advice.student_accuracy
    assert row["reached"] == (followed if better else hard)
    assert row["usual"] == seen_at[4.0, 0.1]
    assert row["best"] == max(hard, *seen_at.values())
    assert row["random"] == pytest.approx(sum(seen_at.values()) / len(seen_at), abs=1e-15)


@pytest.mark.parametrize("gain", [-0.01, 0.01])
def test_who_follows_advice_distils_where_that_is_predicted_to_be_better(monkeypatch, gain):
    """Whether or not the interval leaves it open."""
    setting = SMOKE[0]
    place = setting.grid.index((2.0, 0.1))
    advice = SimpleNamespace(temperature=2.0, hard_weight=0.1, worth="open", best=0,
                             predicted=[0.5 + gain], student_accuracy=0.5)  # fmt: skip
    given = dict.fromkeys(("labels", "student", "teacher"))
    monkeypatch.setattr(student_measures, "given_outputs", lambda *_: dict(given))
    monkeypatch.setattr(student_measures, "advise", lambda *_, **__: advice)
    labels, accuracies = SimpleNamespace(labels=[0]), list(range(len(setting.grid) + 1))
    found = student_measures._advice(setting, labels, None, None, None, accuracies)
    assert found["reached"] == (place if gain > 0 else accuracies[-1])


@pytest.mark.parametrize("label", [setting.label for setting in SMOKE])
def test_gradients_are_those_of_the_two_divergences(recorded, label):
    """The reverse one by hand: of T KL(P_T || P^_T) it is P_T (log P_T - log P^_T - KL)."""
    setting, tables, seen = recorded[label]
    labels = seen["_data"][2].labels[:200]
    teacher = seen["train_teacher"][1][:200].astype(float)
    for (t, a), logits, row in zip(
        setting.grid, seen["train_students"].test[0], tables["gradient"], strict=False
    ):
        w = float(soft_weight(hard_weight=a, temperature=t))
        own = logits[:200].astype(float)
        p, q = (log_softmax(rows / t, axis=1) for rows in (own, teacher))
        divergence = np.sum(np.exp(p) * (p - q), axis=1, keepdims=True)
        hard = np.exp(log_softmax(own, axis=1)) - np.eye(setting.classes)[labels]
        reverse = (1 - w) * hard + w * np.exp(p) * (p - q - divergence)
        stated = logit_gradient(labels, own, teacher, temperature=t, soft_weight=w)
        # Of sums of 10 terms of order 10, each rounded to 1e-16 of itself.
        assert row["reverse_residual"] == pytest.approx(np.abs(reverse - stated).max(), abs=1e-13)
        assert row["residual"] < 1e-13


def test_the_identity_holds_to_rounding_and_its_reverse_does_not(studied):
    for study in studied.values():
        residual, reverse = CLAIMS["dual-gradient"].observe(study)
        assert residual.values.max() < 1e-13
        assert reverse.values.min() > 0.05


def test_nobody_beats_hindsight(studied):
    for study in studied.values():
        regret, usual, random = CLAIMS["advisor-regret"].observe(study)
        advice = study.tables["advice"]
        assert regret.values.min() >= 0
        for gain, name in ((usual, "usual"), (random, "random")):
            np.testing.assert_allclose(
                gain.values + regret.values, advice["best"] - advice[name], atol=1e-15
            )
        assert (advice["best"] >= advice["random"]).all()


def test_each_observation_is_of_its_own_quantity(studied):
    """Each by its name, from tables whose rows come in another order."""
    for label, study in studied.items():
        tables = {
            name: table.iloc[::-1].sort_values("replicate", kind="stable")
            for name, table in study.tables.items()
        }
        turned = Measured(study.setting, study.replicates, tables)
        rows = study.tables["students"].set_index(["temperature", "hard_weight"])
        claim = CLAIMS["distilled-accuracy"]
        for e, sample in zip(claim.expect(study.setting), claim.observe(turned), strict=True):
            place = tuple(float(part) for part in e.x.split(", "))
            own = rows.loc[[place]].sort_values("replicate")
            assert e.panel == study.setting.problem
            np.testing.assert_array_equal(sample.values, own["accuracy"] - own["balanced"])
        for e, sample in zip(students.require(study.setting), students.check(turned), strict=True):
            who = next(name for name in ("student", "teacher") if name in e.panel)
            above = study.tables["problem"][f"{who}_accuracy"] - 1 / study.setting.classes
            np.testing.assert_allclose(sample.values, above, atol=1e-15)
            assert sample.values.min() > e.low, "even 60 steps teach something"
        if not study.setting.spectrum_classes:
            continue
        claim = CLAIMS["h-spectrum"]
        rows = study.tables["spectrum"].query("temperature == 0").set_index("law")
        for e, sample in zip(claim.expect(study.setting), claim.observe(turned), strict=True):
            own = rows.loc[e.panel.removesuffix(" law")]
            excess = own["distance"].to_numpy() - own["own_distance"].to_numpy()
            means = excess.reshape(-1, study.setting.spectra).mean(axis=1)
            np.testing.assert_allclose(sample.values, means, atol=1e-15)
        assert label == "many classes, K = 6"


@pytest.mark.parametrize("setting", SMOKE, ids=lambda s: s.label)
def test_students_at_chance_are_measured_and_miss_the_precondition(setting):
    """A single step teaches nothing: that is to be said, not to end the run with an error."""
    study = gathered(setting.shortened(1), range(2))
    for claim, own in TRIED:
        if own is setting:
            required, checks = claim.require(setting), claim.check(study)
            assert all(c.values.max() < e.low for e, c in zip(required, checks, strict=True))
            assert len(claim.observe(study)) == len(claim.expect(setting))


def test_the_wrong_lemma_is_wrong_in_every_replicate(studied):
    """`check_claim` compares what formulas say; `calibrate` judges all of them."""
    claim = CLAIMS["dual-gradient"]
    (wrong,) = claim.wrong
    for study in studied.values():
        residual = claim.observe(study)[0].values
        assert residual.max() < claim.expect(study.setting)[0].high
        assert residual.max() < wrong.expect(study.setting)[0].low


def test_remarks_speak_of_every_setting(studied):
    for claim in OWN.values():
        own = [studied[setting.label] for setting in claim.settings("smoke")]
        lines = claim.remarks([], own)
        if claim.name == "dual-gradient":
            assert lines == []  # an identity leaves nothing to remark
            continue
        assert len(lines) == len(own)
        for line, study in zip(lines, own, strict=True):
            assert line.startswith(f"{study.setting.label}: ")
            assert "nan" not in line


def test_errors_in_the_remarks_are_those_of_the_tables(studied):
    (setting, _), (study, _) = SMOKE, studied.values()
    line, _ = CLAIMS["distilled-accuracy"].remarks([], list(studied.values()))
    table = study.tables["students"].query("hard_weight > 0")
    means = table.groupby(["temperature", "hard_weight"]).mean()
    hard = study.tables["problem"]["student_accuracy"].mean()
    off = {
        "no change": hard - means["accuracy"],
        "test form": means["test_form"] - means["accuracy"],
        "linear mixture": means["linear"] - means["accuracy"],
        "the blend": means["balanced"] - means["accuracy"],
    }
    for words, errors in off.items():
        said = float(re.search(rf"{words} (\d\.\d+)", line)[1])
        assert said == pytest.approx(float((errors**2).mean() ** 0.5), abs=5.1e-5)
    assert f"over {len(setting.mixed)} settings" in line


@cache
def small_run():
    """All claims, of both experiments, on short settings with two replicates at one look."""

    def shortened(claim):
        settings = tuple(setting.shortened(3) for setting in claim.settings("smoke"))

        def own(preset):
            return settings

        # The plan names the code of the claim's own function.
        (own.__module__,) = modules_of([claim.settings])
        return replace(claim, settings=own)

    made = plan.make([shortened(claim) for claim in of_preset("smoke")], "smoke", seed=SEED)
    return made.with_replicates([2])


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    out = tmp_path_factory.mktemp("both")
    verdicts = runner.run(out, small_run(), executors.processes(2), keep=("weights",))
    assert len(verdicts) == len(of_preset("smoke"))
    return out


def test_both_experiments_run_together_wherever_they_are_computed(ran, tmp_path):
    runner.run(tmp_path, small_run())
    results = conclude(ran)
    assert results.digest == conclude(tmp_path).digest
    settings = {s.shortened(3).label: s for c in CLAIMS.values() for s in c.settings("smoke")}
    assert results.replicates == dict.fromkeys(settings, 2)
    assert results.networks == {label: 2 * s.networks for label, s in settings.items()}
    assert results.deviations == []
    # Students leave no weights; asking for them costs no second training.
    assert "M = 2, K = 4" in set(tables.read(ran, "weights")["setting"])
    assert not {setting.label for setting in SMOKE} & set(tables.read(ran, "weights")["setting"])
    assert set(tables.read(ran, "advice")["setting"]) == {setting.label for setting in SMOKE}
    stamps = {p: p.stat().st_mtime_ns for p in (ran / "shards").iterdir()}
    runner.run(ran, small_run(), keep=("weights",))
    assert {p: p.stat().st_mtime_ns for p in (ran / "shards").iterdir()} == stamps


def test_the_report_tells_of_every_claim(ran, monkeypatch):
    """But for the figures, which take three quarters of its time; they have tests of their own."""
    empty = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"></svg>'
    monkeypatch.setattr(
        pages, "_drawn", lambda results: [(r.name, empty, "words") for r in results.claims]
    )
    page = pages.write_report(ran).read_text(encoding="utf-8")
    results = conclude(ran)
    assert [record.name for record in results.claims] == [c.name for c in of_preset("smoke")]
    for record in results.claims:
        for words in (record.claim.title, f'id="{record.name}"', *record.remarks):
            assert words.replace("'", "&#39;") in page
        assert len(record.comparisons) == len(set(map(named, record.comparisons)))
        drawn = {c.expectation.panel for c in record.comparisons}
        assert drawn & set(record.claim.panels)
    assert "nan" not in re.sub(r"<svg.*?</svg>", "", page, flags=re.S)


def named(comparison) -> tuple:
    expected = comparison.expectation
    return expected.panel, expected.series, expected.x


def bands(ax) -> list[tuple[float, float]]:
    """Lower and upper ends of the ranges drawn in a frame."""
    found = []
    for collection in ax.collections:
        if type(collection).__name__ in ("PolyCollection", "FillBetweenPolyCollection"):
            heights = collection.get_paths()[0].vertices[:, 1]
            found.append((heights.min(), heights.max()))
    return found


def test_frames_show_ranges_whole_and_little_beyond(ran):
    for record in conclude(ran).claims:
        if record.name not in OWN:
            continue
        panels = record.claim.panels
        frames = figure.draw(panels, record.comparisons).axes
        assert len(frames) == len(panels)
        for ax, panel in zip(frames, panels, strict=True):
            rows = [c for c in record.comparisons if c.expectation.panel == panel]
            ends = ends_of(rows)
            bottom, top = ax.get_ylim()
            for row, band in zip(rows, bands(ax), strict=True):
                expected = row.expectation
                low = ends[0] if expected.low is None else expected.low
                high = ends[1] if expected.high is None else expected.high
                assert band == pytest.approx((low, high))
                assert bottom < low <= row.observed or expected.low is not None
                assert row.observed <= high < top or expected.high is not None
            ticks = [label.get_text() for label in ax.get_xticklabels()]
            assert ticks == [row.expectation.x.replace(", ", "\n") for row in rows]


def row(observed, predicted, low, high):
    expected = Expectation("p", "s", "x", predicted, low, high, 0.01)
    return Comparison(expected, observed, None, (None, None), 1, Verdict.HOLDS, exact=False)


@pytest.mark.parametrize(
    ("rows", "ends"),
    [
        # Shares stay within 0 and 1, ...
        ([row(0.9, 1.0, 0.8, None)], (0.785, 0.915)),
        ([row(0.001, 0.0, None, 0.02)], (0.0, 0.02285)),
        # ... differences may be negative, ...
        ([row(-0.03, 0.0, -0.01, None)], (-0.033, -0.007)),
        # ... and what is no share has no border at 1.
        ([row(2.0, 1.5, 1.0, None)], (0.85, 2.15)),
        # All settings of a frame share its ends.
        ([row(0.5, 0.5, 0.4, None), row(0.3, 0.5, 0.4, None)], (0.27, 0.53)),
    ],
)
def test_open_ranges_end_a_little_beyond_what_is_drawn(rows, ends):
    assert ends_of(rows) == pytest.approx(ends)


@pytest.fixture
def small_command(monkeypatch):
    """The command with the smoke settings in place of its presets."""
    claims = {
        name: replace(claim, settings=lambda preset, c=claim: c.settings("smoke"))
        for name, claim in CLAIMS.items()
    }
    monkeypatch.setattr(command, "CLAIMS", claims)
    monkeypatch.setitem(plan.TARGETS, "quick", 0.0)


def test_dry_run_measures_what_students_cost(small_command, tmp_path, capsys):
    arguments = ["run", *OWN, "--dry-run", "--device", "cpu", "--out", str(tmp_path / "out")]
    assert command.main(arguments) == 0
    printed = " ".join(capsys.readouterr().out.split())
    for setting in SMOKE:
        assert re.search(rf"{setting.label} {setting.networks} [\d.]+( \*)? 6 14", printed)
    assert not (tmp_path / "out").exists()


def test_one_claim_alone_trains_its_settings_only(small_command, tmp_path, capsys, monkeypatch):
    """h-spectrum asks for many classes, and not for the digits."""
    started = []

    def compute(task, original=completing.compute):
        started.append(task.setting.label)
        if len(started) == 2:
            raise KeyboardInterrupt
        return original(replace(task, setting=task.setting.shortened(2)))

    monkeypatch.setattr(completing, "compute", compute)
    arguments = ["run", "h-spectrum", "--device", "cpu", "--out", str(tmp_path)]
    assert command.main(arguments) == 130
    assert started == ["many classes, K = 6"] * 2
    (claim,) = conclude(tmp_path).claims
    assert claim.verdict is Verdict.INCONCLUSIVE
    rows = len(LAWS) * students.StudentSetting.spectra
    assert tables.read(tmp_path, "spectrum")["replicate"].tolist() == [0] * rows
    with pytest.raises(ValueError, match="table='winners' is not in"):
        tables.read(tmp_path, "winners")
    assert isinstance(tables.read(tmp_path, "problem"), pd.DataFrame)
    capsys.readouterr()
