"""Arguments of libraries: there and back, and the words of the page.

`benchmarks/conventions.py` compares with the libraries themselves, which are not installed here.
The losses are written out below from their source code, one line each.
"""

import doctest
import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import given
from hypothesis import strategies as st

from mvtheory.distillation import Convention, Loss
from mvtheory.distillation.libraries import LIBRARIES

ROOT = Path(__file__).parents[2]
T = st.floats(0.25, 20)
SHARE = st.floats(0, 1)
INNER = st.floats(0.01, 0.99)
BETA = st.one_of(st.sampled_from([0.0, 1.0]), INNER)
WEIGHT = st.floats(0.01, 10)
REDUCTION = st.sampled_from(["batchmean", "mean", "sum"])
ARGUMENTS = {
    "hinton": {"temperature": T, "hard_weight": SHARE},
    "source": {"temperature": T, "distillation_weight": WEIGHT},
    "torchdistill": {"temperature": T, "alpha": INNER, "beta": WEIGHT, "reduction": REDUCTION},
    "repdistiller": {"kd_T": T, "gamma": WEIGHT, "alpha": WEIGHT},
    "mdistiller": {"TEMPERATURE": T, "CE_WEIGHT": WEIGHT, "KD_WEIGHT": WEIGHT},
    "keras": {"temperature": T, "student_loss_weight": SHARE},
    "keras-example": {"temperature": T, "alpha": SHARE},
    "trl-gkd": {"temperature": T, "beta": BETA, "reduction": REDUCTION},
    "trl-distillation": {"temperature": T, "beta": BETA},
    "ms-swift": {"temperature": T, "beta": BETA, "sft_alpha": WEIGHT},
    "verl": {"loss_mode": st.just("forward_kl_topk")},
}
CALLS = st.sampled_from(sorted(ARGUMENTS)).flatmap(
    lambda name: st.tuples(st.just(name), st.fixed_dictionaries(ARGUMENTS[name]))
)


def problem(seed=0, samples=6, classes=5):
    rng = np.random.default_rng(seed)
    student, teacher = 2 * rng.standard_normal((2, samples, classes))
    return rng.integers(classes, size=samples), student, teacher


@given(CALLS)
def test_there_and_back(call):
    name, given_ = call
    convention = Convention(name)
    loss = convention.loss(**given_)
    back = convention.arguments(loss)
    assert {k: v for k, v in back.items() if isinstance(v, str)} == {
        k: v for k, v in given_.items() if isinstance(v, str)
    }
    numbers = {k: v for k, v in given_.items() if not isinstance(v, str)}
    assert {k: back[k] for k in numbers} == pytest.approx(numbers, rel=1e-12, abs=1e-14)
    assert convention.factor(loss) == pytest.approx(1, rel=1e-12)


@given(CALLS, st.sampled_from(sorted(LIBRARIES)), st.integers(0, 10**6))
def test_a_loss_in_another_librarys_arguments_is_a_multiple(call, other, seed):
    name, given_ = call
    loss, target = Convention(name).loss(**given_), Convention(other)
    try:
        arguments = target.arguments(loss)
    except ValueError:
        return  # which losses are refused is tested below
    labels, student, teacher = problem(seed)
    theirs = target.loss(**arguments).value(labels, student, teacher)
    expected = loss.value(labels, student, teacher)
    assert target.factor(loss) * theirs == pytest.approx(expected, rel=1e-11)


def test_every_library_is_drawn():
    assert set(ARGUMENTS) == set(LIBRARIES)
    for name, arguments in ARGUMENTS.items():
        assert set(arguments) == set(LIBRARIES[name].arguments)


def parts(temperature, labels, student, teacher):
    """Cross-entropy, log p and log q in torch."""
    s, t = torch.tensor(student), torch.tensor(teacher)
    return (
        F.cross_entropy(s, torch.tensor(labels)),
        F.log_softmax(s / temperature, 1),
        F.log_softmax(t / temperature, 1),
    )


def kl(target, log_input):
    return F.kl_div(log_input, target, reduction="batchmean", log_target=True)


def jsd(beta, p, q):
    if beta == 0:
        return kl(q, p)
    if beta == 1:
        return kl(p, q)
    m = (beta * q.exp() + (1 - beta) * p.exp()).log()
    return beta * kl(q, m) + (1 - beta) * kl(p, m)


@pytest.mark.parametrize("beta", [0.0, 0.3, 1.0])
def test_losses_are_those_of_the_source_code(beta):
    data = problem()
    ce, p, q = parts(3.0, *data)
    _, warm, taught = parts(1.0, *data)
    terms = (
        ("hinton", {"temperature": 3, "hard_weight": 0.2}, 0.2 * ce + 0.8 * 9 * kl(q, p)),
        ("source", {"temperature": 3, "distillation_weight": 6}, (ce + 6 * kl(q, p)) / 3),
        ("torchdistill", {"temperature": 3, "alpha": 0.2}, 0.2 * ce + 0.8 * 9 * kl(q, p)),
        ("torchdistill", {"temperature": 3, "alpha": 0.2, "beta": 2}, 0.2 * ce + 18 * kl(q, p)),
        ("torchdistill", {"temperature": 3, "alpha": 0}, kl(q, p)),
        (
            "torchdistill",
            {"temperature": 3, "alpha": 0.2, "reduction": "mean"},
            0.2 * ce + 0.8 * 9 * kl(q, p) / 5,
        ),
        ("repdistiller", {"kd_T": 3, "alpha": 0.9}, ce + 0.9 * 9 * kl(q, p)),
        ("mdistiller", {"TEMPERATURE": 3}, 0.1 * ce + 0.9 * 9 * kl(q, p)),
        ("keras", {}, 0.5 * ce + 0.5 * 9 * kl(q, p)),
        ("keras-example", {}, 0.1 * ce + 0.9 * 9 * kl(q, p)),
        ("trl-gkd", {"beta": beta, "temperature": 3}, jsd(beta, p, q)),
        ("trl-gkd", {"beta": beta}, jsd(beta, warm, taught)),
        ("trl-distillation", {"beta": beta}, jsd(beta, warm, taught)),
        (
            "ms-swift",
            {"beta": beta, "temperature": 3, "sft_alpha": 0.4},
            jsd(beta, p, q) + 0.4 * ce,
        ),
        ("verl", {}, kl(taught, warm)),
    )
    for name, arguments, expected in terms:
        found = Convention(name).loss(**arguments).value(*data)
        assert found == pytest.approx(expected.item(), rel=1e-13), (name, arguments)


def test_what_is_refused():
    with pytest.raises(ValueError, match=r"name='trl' is not allowed .*hinton.*trl-gkd.*verl"):
        Convention("trl")
    with pytest.raises(ValueError, match=r"alpha=0.3 is no argument of trl-gkd \(temperature, "):
        Convention("trl-gkd").loss(alpha=0.3)
    with pytest.raises(ValueError, match="temperature is not given"):
        Convention("hinton").loss(hard_weight=0.3)
    with pytest.raises(ValueError, match=r"beta=1\.2 is not allowed"):
        Convention("trl-gkd").loss(beta=1.2)
    with pytest.raises(ValueError, match=r"loss_mode='k3' is not allowed"):
        Convention("verl").loss(loss_mode="k3")
    plain = Loss(temperature=4, hard_weight=0.1)
    for name, change, says in (
        ("torchdistill", {"divergence": "reverse"}, "divergence='reverse' .*torchdistill has fo"),
        ("trl-gkd", {"divergence": "mse"}, "divergence='mse'"),
        ("trl-gkd", {}, "hard_weight=0.1 is not allowed"),
        ("verl", {"hard_weight": 0.0}, "temperature=4.0"),
        ("keras", {"reduction": "mean"}, "reduction='mean'"),
        ("hinton", {"teacher_temperature": 2.0}, "teacher_temperature=2"),
        ("source", {"hard_weight": 0.0}, "hard_weight=0 .* 'hinton'"),
        ("ms-swift", {"hard_weight": 1.0}, "hard_weight=1 "),
    ):
        with pytest.raises(ValueError, match=says):
            Convention(name).arguments(replace(plain, **change))


def test_the_page_has_the_table_of_the_declarations():
    spec = importlib.util.spec_from_file_location("page", ROOT / "docs/conventions.py")
    page = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(page)
    assert page.table() in (ROOT / "docs/conventions.md").read_text(encoding="utf-8")


def test_the_examples_of_the_page():
    found = doctest.testfile(str(ROOT / "docs/conventions.md"), module_relative=False)
    assert found.attempted > 5
    assert not found.failed


def test_a_convention_says_what_it_is():
    for name, library in LIBRARIES.items():
        said = str(Convention(name))
        assert library.version in said
        assert all(argument in said for argument in library.arguments)
