"""Networks for images alone, together and as students, and the claims about them."""

import json
from dataclasses import replace
from functools import cache
from importlib import import_module
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from validation import choosing, command
from validation.claims import CLAIMS, expanded, image_kind, of_preset
from validation.experiments import measure, restore
from validation.experiments.image_channels import setting as image_channels
from validation.experiments.image_students import setting as image_students
from validation.experiments.images import training
from validation.experiments.images.setting import DECIDABLE, large_gains, settings
from validation.experiments.streams import Streams
from validation.networks import kept
from validation.networks import training as networks_training
from validation.networks.kept import keeping
from validation.networks.training import Teacher
from validation.running import task
from validation.running.runner import UNFINISHED, run
from validation.testing import compared, train
from validation.trial import plan as plans
from validation.trial.claim import Measured

OWN = [name for name, claim in CLAIMS.items() if claim.place[:1] == (9,)]
(SMOKE,) = settings("smoke")


@cache
def studied() -> Measured:
    return train(SMOKE)


@pytest.mark.parametrize("preset", ["smoke", "quick", "standard", "full"])
def test_settings_describe_themselves_and_need_files_beyond_quick(preset):
    for setting in settings(preset):
        assert restore(json.loads(json.dumps(setting.describe()))) == setting
        assert setting.files == (preset in ("standard", "full"))
        assert setting.networks >= 3 * setting.members - 1 or preset != "smoke"
        assert setting.shortened(1).steps <= setting.shortened(10**9).steps == setting.steps
    assert all(setting.gain >= DECIDABLE for setting in large_gains(preset))
    assert large_gains(preset)


def test_tables_say_what_they_say():
    tables = studied().tables
    kinds = {"single": 3, "student": 2, "self": 1, "augmented": 2}
    for replicate in range(2):
        own = {name: t[t["replicate"] == replicate] for name, t in tables.items()}
        assert own["networks"]["kind"].value_counts().to_dict() == kinds
        assert set(own["groups"]["kind"]) == {"ensemble", "joint", "students", "augmented"}
        single = own["networks"][own["networks"]["kind"] == "single"]["accuracy"]
        sizes = own["sizes"].set_index("size")["accuracy"]
        assert sizes.index.tolist() == [1, 2, 3]
        assert sizes[1] == pytest.approx(single.mean())
        ensemble = own["groups"].set_index("kind")["accuracy"]["ensemble"]
        assert sizes[3] == pytest.approx(ensemble)
        assert own["files"]["checksums"].tolist() == [""]


def test_ensembles_on_the_ring_are_all_those_of_the_largest_but_one():
    rng = np.random.default_rng(0)
    shares, labels = (
        rng.dirichlet(np.ones(5), size=(4, 200)).astype(np.float32),
        rng.integers(5, size=200),
    )
    found = training.growth(shares, labels, rng)
    for size in (1, 3, 4):  # neighbours on a ring of four: every subset of these sizes
        every = [
            (shares[list(chosen)].mean(0).argmax(1) == labels).mean()
            for chosen in combinations(range(4), size)
        ]
        assert found[size - 1] == pytest.approx(np.mean(every))


def test_each_student_has_the_teacher_that_it_should(monkeypatch):
    """The ensemble teaches all students, and each network one of its own kind."""
    seen = []
    original = training.train

    def spy(stack, recipe, *rest, teacher: Teacher | None = None, together: bool = False):
        known = None if teacher is None else (len(teacher.stack), teacher.hard_weight)
        seen.append((len(stack), known, together, recipe.shift))
        return original(stack, recipe, *rest, teacher=teacher, together=together)

    monkeypatch.setattr(training, "train", spy)
    measure(replace(SMOKE, epochs=1), 5, 0)
    plain = [(1, None, False, 0)] * 3
    joint, moved = [(3, None, True, 0)], [(1, None, False, SMOKE.shift)] * 2
    students, selves = [(1, (3, 0.1), False, 0)] * 2, [(1, (1, 0.1), False, 0)]
    assert seen == [*plain, *joint, *students, *selves, *moved]


def test_a_self_distilled_student_has_the_network_of_its_number_as_teacher():
    school = training.School(replace(SMOKE, epochs=1), Streams(1, (9, 0)), "cpu")
    single = school.trained(training.SINGLE, 2, SMOKE.recipe)
    teachers = [Teacher(training.select(single, [n]), 4.0, 0.0) for n in range(2)]
    both = school.asked(school.trained(training.SELF, 2, SMOKE.recipe, teachers))
    turned = school.asked(school.trained(training.SELF, 2, SMOKE.recipe, teachers[::-1]))
    again = school.asked(school.trained(training.SELF, 2, SMOKE.recipe, teachers))
    np.testing.assert_array_equal(both, again)
    assert (both != turned).any(axis=(1, 2)).all()


@pytest.mark.parametrize(
    "setting",
    [SMOKE, image_students.settings("smoke")[0], image_channels.settings("smoke")[0]],
    ids=lambda setting: setting.experiment,
)
def test_a_killed_replicate_goes_on_from_its_last_finished_network(setting, tmp_path, monkeypatch):
    """To the bit; a file that was cut off is made anew."""
    trainer = import_module(setting.trainer)
    original, calls, dies = trainer.train, [], 0

    def failing(*words, **more):
        calls.append(1)
        if len(calls) == dies:
            raise KeyboardInterrupt
        return original(*words, **more)

    monkeypatch.setattr(trainer, "train", failing)
    whole = measure(setting, 2, 0)
    every, dies = len(calls), 4
    calls.clear()
    with keeping(tmp_path / "one"), pytest.raises(KeyboardInterrupt):
        measure(setting, 2, 0)
    files = sorted((tmp_path / "one").glob("*.pt"))
    assert 1 <= len(files) < 4
    files[-1].write_bytes(files[-1].read_bytes()[:-100])
    dies = 0
    calls.clear()
    with keeping(tmp_path / "one"):
        again = measure(setting, 2, 0)
    assert len(calls) < every
    assert json.dumps(again) == json.dumps(whole)


def test_a_killed_network_that_takes_long_goes_on_from_its_last_noted_epoch(tmp_path, monkeypatch):
    """To the bit, with the velocities, the running statistics and the chance of later epochs."""
    setting = replace(SMOKE, epochs=4)
    school = training.School(setting, Streams(3, (9, 0)), "cpu")
    whole = school.asked(school.as_one(3, setting.recipe))
    monkeypatch.setattr(kept, "PATIENCE", 0.0)
    draw, descend, drawn, steps = networks_training.draw, networks_training.descend, [], []

    def dies_in_the_third(*words):
        drawn.append(1)
        if len(drawn) == 3:
            raise KeyboardInterrupt
        return draw(*words)

    monkeypatch.setattr(networks_training, "draw", dies_in_the_third)
    monkeypatch.setattr(
        networks_training, "descend", lambda *words: steps.append(1) or descend(*words)
    )
    with keeping(tmp_path), pytest.raises(KeyboardInterrupt):
        school.as_one(3, setting.recipe)
    (noted,) = tmp_path.iterdir()
    assert noted.suffix == ".epochs"
    with keeping(tmp_path):
        again = school.asked(school.as_one(3, setting.recipe))
    np.testing.assert_array_equal(again, whole)
    assert len(steps) == setting.steps
    (finished,) = tmp_path.iterdir()
    assert finished.suffix == ".pt"
    # One that was cut off is no help; that of another training is none either.
    for spoil in (noted.write_bytes, lambda content: kept._write(noted, {"tensors": []})):
        finished.unlink(missing_ok=True)
        spoil(b"cut")
        with keeping(tmp_path):
            np.testing.assert_array_equal(school.asked(school.as_one(3, setting.recipe)), whole)


def test_networks_kept_in_another_environment_are_not_taken(tmp_path, monkeypatch):
    """Else the provenance of a replicate that was killed and moved would not be true."""
    trained = []
    original = training.train
    monkeypatch.setattr(
        training, "train", lambda *words, **more: trained.append(1) or original(*words, **more)
    )
    one = task.Task(replace(SMOKE, epochs=1), 6, 0, "cpu", False, unfinished=str(tmp_path))
    counts = []
    for where in ("here", "here", "there"):
        monkeypatch.setattr(task, "environment", lambda device, compiled, where=where: where)
        trained.clear()
        task.compute(one)
        counts.append(len(trained))
    assert counts[0] == counts[2] > counts[1] == 0


def test_growth_is_fitted_by_the_law_that_made_it():
    sizes = np.arange(1, 11)
    assert image_kind.fit_decay(0.9 - 0.2 / sizes) == pytest.approx(0, abs=1e-12)
    left, views, share = image_kind.fit_lottery(0.9 - 0.3 * (1 - 1 / 3) ** sizes)
    # The grid of M has steps of 1.3 %.
    assert left < 1e-4
    assert views == pytest.approx(3, rel=0.02)
    assert share == pytest.approx(0.3, rel=0.02)
    assert image_kind.fit_decay(0.9 - 0.3 * (1 - 1 / 3) ** sizes) > 10 * left


def family(**gains: float) -> Measured:
    """Ten replicates of networks of accuracy .5, and what others gain, known to .002."""
    rng, (setting,) = np.random.default_rng(3), settings("quick")
    plain = {"ensemble": 0.14, "joint": 0.0, "student": 0.1, "self": 0.08, "students": 0.1,
             "augmented": 0.08, "augmented together": 0.12, "best": 0.02}  # fmt: skip
    gain = plain | gains
    networks, groups, sizes, kinds = [], [], [], []
    for replicate in range(10):

        def near(value, replicate=replicate):
            return {"replicate": replicate, "accuracy": 0.5 + value + 0.002 * rng.normal()}

        networks += [{"kind": "single", "network": 0, **near(-gain["best"])},
                     {"kind": "single", "network": 1, **near(gain["best"])}]  # fmt: skip
        networks += [
            {"kind": k, "network": 0, **near(gain[k])} for k in ("student", "self", "augmented")
        ]
        groups += [{"kind": k, **near(gain[k])} for k in ("ensemble", "joint", "students")]
        groups.append({"kind": "augmented", **near(gain["augmented together"])})
        sizes.append({"size": setting.augmented, **near(0.11)})
        kinds.append({"replicate": replicate, "name": "variance reduction", "rescue_of_noise": 0.55,
                      "rescue_of_lottery": 0.9, "rescue": 0.56 + 0.01 * rng.normal()})  # fmt: skip
    tables = {"networks": networks, "groups": groups, "sizes": sizes, "kinds": kinds}
    return Measured(setting, 10, {name: pd.DataFrame(rows) for name, rows in tables.items()})


REFUTING = {
    "image-ensemble": {"best": 0.16},
    "image-joint": {"joint": 0.13},
    "image-distillation": {"student": 0.02},
    "image-self-distillation": {"self": -0.02},
    "image-students": {"students": 0.2},
    "image-augmentation": {"augmented together": 0.21},
}


@pytest.mark.parametrize("name", REFUTING)
def test_claims_hold_where_they_should_and_are_missed_where_they_should(name):
    """By the sizes in which the source has them, and by one that contradicts it."""
    for gains, held in (({}, True), (REFUTING[name], False)):
        found = compared(CLAIMS[name], [family(**gains)])
        for c in found:
            ends = [end for end in c.interval if end is not None]
            low, high = c.expectation.low, c.expectation.high
            inside = all((low is None or e > low) and (high is None or e < high) for e in ends)
            assert inside or not held
        assert held or any(
            c.observed < (c.expectation.low or 0.0)
            if c.expectation.high is None
            else c.observed > c.expectation.high
            for c in found
        )


def test_one_name_runs_the_claims_about_images():
    assert expanded(["images"], "quick") == [n for n in OWN if CLAIMS[n].settings("quick")]
    assert expanded(["winner", "images", "winner"], "standard") == ["winner", *OWN]
    assert "image-h-spectrum" in OWN
    assert "image-h-spectrum" not in [claim.name for claim in of_preset("quick")]
    # Left out of a run of all for what it costs; had by its name, and by its chapter's.
    assert "image-students" in expanded(["images"], "quick")
    assert "image-students" not in [claim.name for claim in of_preset("quick")]
    assert "image-students" in [claim.name for claim in of_preset("smoke")]


def test_one_data_set_alone_is_put_on_trial():
    """With the same settings, and thereby replicates, as among all."""
    chosen = [CLAIMS[name] for name in ("image-joint", "image-hundred", "image-kind")]
    own = choosing.of_source("mnist", chosen, "standard")
    assert [claim.name for claim in own] == ["image-joint", "image-kind"]
    (mnist,) = (s for s in settings("standard") if s.problem.source == "mnist")
    assert [claim.settings("standard") for claim in own] == [(mnist,)] * 2


def test_images_that_are_not_there_are_missed_before_training(capsys, monkeypatch, tmp_path):
    monkeypatch.delenv("MVTHEORY_DATA", raising=False)
    out = str(tmp_path / "out")
    for arguments, words in (
        (["image-kind", "--preset", "standard"], "folder is not given for mnist"),
        (["images", "--data", str(tmp_path)], "/MNIST/raw"),
        (["images", "--data", str(tmp_path), "--source", "fashion-mnist"], "/FashionMNIST/raw"),
        (["images", "--source", "mnist"], "have 'digits', 'drawn figures' at --preset quick; give"),
        (["winner", "--source", "mnist"], "have no images at --preset quick"),
        (["image-h-spectrum"], "give --preset standard or full"),
    ):
        with monkeypatch.context() as own:
            own.setenv("MVTHEORY_DATA", "")
            assert command.main(["run", *arguments, "--out", out]) == 2
        error = capsys.readouterr().err
        assert words in error
        assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_run_leaves_nothing_unfinished_behind(tmp_path, monkeypatch):
    monkeypatch.setitem(plans.TARGETS, "quick", 0.0)
    claim = replace(CLAIMS["image-kind"], settings=lambda preset: (replace(SMOKE, epochs=1),))
    run(tmp_path, plans.make([claim], "quick", 0))
    assert list((tmp_path / "shards").iterdir())
    assert not (tmp_path / UNFINISHED).exists()
