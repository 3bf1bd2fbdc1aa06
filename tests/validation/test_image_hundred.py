"""A hundred networks for images, fewer of them, and the claim about them."""

import json
from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from mvtheory.ensembles import advise_ensemble
from validation.claims.image_hundred import FIFTH, IMAGE_HUNDRED, MARGIN
from validation.data import ImageProblem
from validation.experiments import restore
from validation.experiments.image_hundred import training
from validation.experiments.image_hundred.setting import FORESEEN, HundredSetting, settings
from validation.experiments.images import setting as images
from validation.testing import check_claim, compared, train
from validation.trial.claim import Measured

FEW = HundredSetting(
    problem=ImageProblem(source="drawn figures", size=12, training_samples=60, test_samples=100),
    kind="cnn", width=4, epochs=2, batch=20, members=6, few=3, given=2,
)  # fmt: skip


@pytest.fixture(autouse=True)
def foreseen(monkeypatch):
    """Nothing is foreseen of drawn figures: the experiment has settings with files alone."""
    monkeypatch.setitem(FORESEEN, "drawn figures", images.FORESEEN["drawn figures"])


@cache
def studied() -> Measured:
    return train(FEW)


@pytest.mark.parametrize("preset", ["smoke", "quick", "standard", "full"])
def test_settings_describe_themselves_and_need_files(preset):
    assert bool(settings(preset)) == (preset in ("standard", "full"))
    for setting in settings(preset):
        assert restore(json.loads(json.dumps(setting.describe()))) == setting
        assert (setting.members, setting.few, setting.networks) == (100, 10, 100)
        assert setting.files
        assert setting.shortened(1).steps <= setting.shortened(10**9).steps == setting.steps


@pytest.mark.parametrize("changes", [{"few": 4}, {"given": 1}, {"given": 4}])
def test_ensembles_that_do_not_go_into_one_another_are_refused(changes):
    with pytest.raises(ValueError, match="few a divisor of members"):
        replace(FEW, **changes)


def test_ensembles_of_a_size_have_each_network_once():
    rng = np.random.default_rng(0)
    shares = rng.dirichlet(np.ones(5), size=(6, 200)).astype(np.float32)
    labels = rng.integers(5, size=200)
    rows = training.sizes(shares, labels)
    assert [row["size"] for row in rows] == [1, 2, 3, 6]

    def right(*members: int) -> float:
        return float((shares[list(members)].mean(0).argmax(1) == labels).mean())

    assert rows[0]["accuracy"] == pytest.approx(np.mean([right(n) for n in range(6)]))
    assert rows[1]["accuracy"] == pytest.approx(np.mean([right(0, 1), right(2, 3), right(4, 5)]))
    assert rows[3]["accuracy"] == pytest.approx(right(*range(6)))


def test_tables_say_what_they_say(monkeypatch):
    seen = []
    monkeypatch.setattr(
        training, "advise_ensemble",
        lambda labels, given, **more: seen.append(given) or advise_ensemble(labels, given, **more),
    )  # fmt: skip
    tables = train(FEW, replicates=1).tables
    told = tables["predictions"]
    assert told["group"].tolist() == [0, 1]
    assert [len(given) for given in seen] == [FEW.given] * 2
    assert all((one != other).any() for one, other in combinations(np.concatenate(seen), 2))
    alone = tables["sizes"].set_index("size")["accuracy"]
    assert abs(told["one"].mean() - alone[1]) < 0.2
    assert (told["low"] <= told["all"]).all()
    assert (told["all"] <= told["high"]).all()
    assert tables["files"]["checksums"].tolist() == [""]


def test_the_claim_keeps_its_contract():
    check_claim(IMAGE_HUNDRED)
    check_claim(IMAGE_HUNDRED, presets=("standard",), measured=[studied()])


def of_gains(ten: float, hundred: float, promised: float) -> Measured:
    """Ten replicates of networks of accuracy .7, and what others gain, known to .0003."""
    (setting,), rng = settings("standard"), np.random.default_rng(2)

    def near(value: float) -> float:
        return 0.7 + value + 0.0003 * rng.normal()

    sizes = [
        {"replicate": n, "size": size, "accuracy": near(gain)}
        for n in range(10)
        for size, gain in ((1, 0.0), (10, ten), (100, hundred))
    ]
    told = [
        {"replicate": n, "group": group, "one": 0.7, "given": 0.7 + 0.9 * ten, "few": 0.7 + ten,
         "all": near(promised), "low": 0.7, "high": 0.8}
        for n in range(10) for group in range(10)
    ]  # fmt: skip
    tables = {"sizes": pd.DataFrame(sizes), "predictions": pd.DataFrame(told)}
    return Measured(setting, 10, tables)


@pytest.mark.parametrize(
    ("gains", "inside"),
    [
        ((0.027, 0.030, 0.030), (True, True)),
        ((0.027, 0.027, 0.027), (True, True)),  # a lottery
        ((0.027, 0.030, 0.037), (False, True)),  # promised too much
        ((0.027, 0.037, 0.037), (True, False)),  # ninety more gain a third of what ten gained
    ],
)
def test_the_claim_holds_where_it_should_and_is_missed_where_it_should(gains, inside):
    promised, further = compared(IMAGE_HUNDRED, [of_gains(*gains)])
    assert (promised.interval[0] > -MARGIN and promised.interval[1] < MARGIN) == inside[0]
    assert (further.interval[1] < 0) == inside[1]
    ten, hundred, _ = gains
    assert further.observed == pytest.approx(hundred - ten - FIFTH * ten, abs=0.0005)
    (line,) = IMAGE_HUNDRED.remarks([], [of_gains(*gains)])
    assert "Root-mean-square error of 100 predictions of 100 from 5" in line
