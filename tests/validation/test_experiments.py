"""Settings are found by their experiment's name, or where their class is; trainers by settings."""

import ast
import json
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from validation import experiments
from validation.claims import CLAIMS
from validation.experiments import measure, restore
from validation.experiments.description import Described
from validation.experiments.lottery import setting as lottery
from validation.running import cost
from validation.trial import plan as plans
from validation.trial.claim import Expectation

FOLDER = Path(experiments.__file__).parent
SETTING = """
from dataclasses import dataclass, replace
from validation.experiments.description import Described

@dataclass(frozen=True)
class Dice:
    faces: int
    loaded: tuple[float, ...] = ()

@dataclass(frozen=True)
class CupSetting(Described):
    experiment = "cup"
    trainer = "{package}.thrower"
    dice: tuple[Dice, ...]
    steps: int = 3
    networks = 1
    label = "cup"
    def shortened(self, steps):
        return replace(self, steps=steps)
"""
TRAINER = """
def measure(setting, seed, replicate, device, compiled, keep):
    rows = [{"faces": dice.faces, "seed": seed, "replicate": replicate} for dice in setting.dice]
    return {"throws": rows} | ({"curves": [{"steps": setting.steps}]} if "curves" in keep else {})
"""


@pytest.fixture
def cups(tmp_path, monkeypatch):
    """A user's package with an experiment of his own, whose trainer has another name."""
    name = "cups_of_a_user"
    (tmp_path / name).mkdir()
    for module, text in (("__init__", ""), ("kinds", SETTING), ("thrower", TRAINER)):
        (tmp_path / name / f"{module}.py").write_text(text.replace("{package}", name))
    monkeypatch.syspath_prepend(tmp_path)
    yield __import__(f"{name}.kinds").kinds
    for module in [m for m in sys.modules if m.partition(".")[0] == name]:
        del sys.modules[module]


def test_a_setting_of_a_users_package_is_restored_and_trained(cups):
    setting = cups.CupSetting(dice=(cups.Dice(6), cups.Dice(20, loaded=(0.1, 0.2))))
    description = json.loads(json.dumps(setting.describe()))
    assert description["class"] == "cups_of_a_user.kinds:CupSetting"
    assert restore(description) == setting
    assert measure(setting, 5, 2)["throws"][1] == {"faces": 20, "seed": 5, "replicate": 2}
    # What a trainer does not make is there, empty; what it makes is not touched.
    tables = measure(setting.shortened(1), 5, 2, keep=("weights", "curves"))
    assert tables["curves"] == [{"steps": 1}]
    assert tables["weights"] == []
    assert set(tables) == {"throws", "curves", "weights"}


def test_a_users_experiment_is_planned_and_its_cost_foreseen(cups):
    setting = cups.CupSetting(dice=())
    faces = Expectation("faces", "dice", 6, 3.5, 3.0, 4.0, 0.1)
    claim = replace(
        CLAIMS["single-view"],
        settings=lambda preset: (setting,),
        expect=lambda setting: [faces],
        require=lambda setting: [],
        panels={"faces": ("faces of a dice", "mean")},
    )
    plan = plans.make([claim], "smoke", 0)
    assert cost.Estimate(plan).seconds("cup") == cost.USUAL * setting.steps


@dataclass(frozen=True)
class Variant(lottery.LotterySetting):
    """Of one of ours, trained as that is."""

    more: int = 0


def test_a_variant_of_our_setting_keeps_its_trainer():
    (ours,) = lottery.settings("smoke")
    short = replace(ours, networks=2, test_samples=20, repeats=1).shortened(2)
    variant = Variant(**{name: getattr(short, name) for name in vars(short)}, more=4)
    assert restore(json.loads(json.dumps(variant.describe()))) == variant
    assert measure(variant, 1, 0) == measure(short, 1, 0)


def test_a_class_that_cannot_be_imported_is_named(cups):
    description = cups.CupSetting(dice=()).describe()
    with pytest.raises(ValueError, match=r"class='cups_of_a_user.kinds:Spoon' cannot be imported"):
        restore(description | {"class": "cups_of_a_user.kinds:Spoon"})
    with pytest.raises(ValueError, match=r"class='cups_of_a_user.kinds:Dice' is no setting"):
        restore(description | {"class": "cups_of_a_user.kinds:Dice"})


def test_every_folder_is_an_experiment_with_its_trainer():
    found = {kind.__module__: kind for kind in experiments.experiments().values()}
    folders = {path.parent.name for path in FOLDER.glob("*/__init__.py")}
    assert set(found) == {f"{experiments.__name__}.{folder}.setting" for folder in folders}
    for module, kind in found.items():
        assert issubclass(kind, Described)
        assert kind.trainer == module.replace(".setting", ".training")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/setting.py")), ids=lambda p: p.parent.name)
def test_a_setting_imports_no_trainer(path):
    """Nor torch, and not in a function either."""
    imports = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    trainer = re.compile(r"\btorch\b|experiments(\.\w+)?(\.| import )training\b")
    assert trainer.search("from validation.experiments.phase import training")
    assert trainer.search("from validation.experiments.phase.training import measure")
    assert not [line for line in imports if trainer.search(line)]
