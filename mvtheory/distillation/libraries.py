# ruff: noqa: N803 - the names are those of the libraries
"""What libraries call the arguments of their distillation losses, read from their source code.

Each entry says what its library computes from logits, in its own arguments, and turns these into a
`Loss` and back. `python benchmarks/conventions.py` holds the entries to the libraries themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mvtheory.distillation.losses import REDUCTIONS, Loss


@dataclass(frozen=True, kw_only=True)
class Library:
    """The loss of one library, at one version.

    Parameters
    ----------
    version, file : str
        Release or commit, and the file that was read.
    says : str
        The loss in the library's arguments; p and q are the softmaxes of student and teacher.
    arguments : dict
        What each argument means, by its name.
    read : callable
        From the arguments to the `Loss`.
    write : callable
        From a `Loss` to the arguments of a multiple of it.
    can : dict
        Attributes of a `Loss` and the values that the library has.
    remark : str
        What surprises.
    """

    version: str
    file: str
    says: str
    arguments: dict[str, str]
    read: Callable[..., Loss]
    write: Callable[[Loss], dict[str, Any]]
    can: dict[str, tuple[Any, ...]]
    remark: str = ""


T_BOTH = "T of both sides, in the divergence alone"
KL_ONLY: dict[str, tuple[Any, ...]] = {"divergence": ("forward",), "reduction": ("batchmean",)}
JSD: dict[str, tuple[Any, ...]] = {
    "divergence": ("forward", "reverse", "jsd"),
    "reduction": ("batchmean",),
}


def _soft_weight(loss: Loss) -> float:
    """What multiplies T^2 KL(q || p)."""
    return loss.soft_factor / loss.temperature**2


def _read_source(temperature: float, distillation_weight: float) -> Loss:
    whole = temperature + distillation_weight
    return Loss.weighing(temperature / whole, distillation_weight / (temperature * whole),
                         temperature=temperature)  # fmt: skip


def _write_source(loss: Loss) -> dict[str, Any]:
    if not loss.hard_weight:
        raise ValueError("hard_weight=0 is not allowed (above 0: the source's alpha would be "
                         "infinite); translate to 'hinton'")  # fmt: skip
    return {"temperature": loss.temperature,
            "distillation_weight": loss.soft_factor / loss.hard_factor}  # fmt: skip


def _read_torchdistill(
    temperature: float, alpha: float, beta: float | None = None, reduction: str = "batchmean"
) -> Loss:
    if not alpha:
        return Loss(temperature=temperature, squared=False, reduction=reduction)
    return Loss.weighing(alpha, 1 - alpha if beta is None else beta, temperature=temperature,
                         reduction=reduction)  # fmt: skip


def _write_torchdistill(loss: Loss) -> dict[str, Any]:
    beta = _soft_weight(loss) if loss.hard_weight else 1.0  # left out at alpha = 0
    return {"temperature": loss.temperature, "alpha": loss.hard_factor, "beta": beta,
            "reduction": loss.reduction}  # fmt: skip


def _between(beta: float) -> dict[str, Any]:
    """Divergence and beta of a generalised JSD whose ends are the two KLs."""
    ends = {0: "forward", 1: "reverse"}
    if beta in ends:
        return {"divergence": ends[int(beta)], "squared": False}
    return {"divergence": "jsd", "beta": beta, "squared": False}


def _place(loss: Loss) -> float:
    """The beta of such a JSD."""
    if loss.beta is not None:
        return loss.beta
    return 0.0 if loss.divergence == "forward" else 1.0


def _read_jsd(temperature: float = 1.0, beta: float = 0.5, reduction: str = "batchmean") -> Loss:
    return Loss(temperature=temperature, reduction=reduction, **_between(beta))


def _write_swift(loss: Loss) -> dict[str, Any]:
    if loss.hard_weight == 1:
        raise ValueError("hard_weight=1 is not allowed (below 1: ms-swift has no factor of the "
                         "divergence to be 0); train on the labels alone")  # fmt: skip
    return {"temperature": loss.temperature, "beta": _place(loss),
            "sft_alpha": loss.hard_factor / loss.soft_factor}  # fmt: skip


def _read_verl(loss_mode: str = "forward_kl_topk") -> Loss:
    if loss_mode != "forward_kl_topk":
        raise ValueError(f"loss_mode={loss_mode!r} is not allowed (forward_kl_topk): verl's others "
                         "estimate the reverse divergence from the token that was drawn, and are "
                         "no function of the logits alone; give loss_mode='forward_kl_topk'"
                         )  # fmt: skip
    return Loss(temperature=1.0, squared=False)


_ENDS = ("Between its ends it is the divergence of Agarwal et al. (2024), which goes to 0 at both: "
         "the loss jumps there, and at beta = 0.01 is about a hundredth of that at 0. No T^2."
         )  # fmt: skip

LIBRARIES: dict[str, Library] = {
    "hinton": Library(
        version="2015",
        file="Section 2 of the paper",
        says="hard_weight CE + (1 - hard_weight) T^2 KL(q || p)",
        arguments={"temperature": T_BOTH, "hard_weight": "a_H, on the hard labels"},
        read=lambda temperature, hard_weight=0.0: Loss(
            temperature=temperature, hard_weight=hard_weight
        ),
        write=lambda loss: {
            "temperature": loss.temperature,
            "hard_weight": loss.setting["hard_weight"],
        },
        can=KL_ONLY,
        remark="Ours: of `Loss`, `Anchor`, `advise` and `mvtheory advise`.",
    ),
    "source": Library(
        version="2021",
        file="equation (1) of the paper, the divergence turned round",
        says="T/(T + alpha) [CE + alpha KL(q || p)], alpha the distillation_weight",
        arguments={"temperature": T_BOTH, "distillation_weight": "alpha, on the soft labels"},
        read=_read_source,
        write=_write_source,
        can=KL_ONLY,
        remark="Of `distillation.loss`, whose soft_weight is w = alpha/(T + alpha); T^2 is in it.",
    ),
    "torchdistill": Library(
        version="1.1.5",
        file="torchdistill/losses/mid_level.py, KDLoss",
        says="alpha CE + beta T^2 KL(q || p), beta else 1 - alpha; at alpha = 0 KL(q || p)",
        arguments={
            "temperature": T_BOTH,
            "alpha": "on the hard labels",
            "beta": "on the soft labels",
            "reduction": "of the divergence; mean divides it, not CE, by K",
        },
        read=_read_torchdistill,
        write=_write_torchdistill,
        can={"divergence": ("forward",), "reduction": REDUCTIONS},
        remark=(
            "At alpha = 0, or without targets, T^2 and beta are left out: from alpha = 0.001 to 0 "
            "the loss falls T^2-fold."
        ),
    ),
    "repdistiller": Library(
        version="commit b84f547",
        file="distiller_zoo/KD.py, helper/loops.py",
        says="gamma CE + alpha T^2 KL(q || p)",
        arguments={
            "kd_T": T_BOTH,
            "gamma": "-r, on the hard labels",
            "alpha": "-a, on the soft labels",
        },
        read=lambda alpha, gamma=1.0, kd_T=4.0: Loss.weighing(gamma, alpha, temperature=kd_T),
        write=lambda loss: {
            "kd_T": loss.temperature,
            "gamma": loss.hard_factor,
            "alpha": _soft_weight(loss),
        },
        can=KL_ONLY,
        remark="The weights need not have the sum 1; gamma is 1 if not given.",
    ),
    "mdistiller": Library(
        version="commit a08d46f",
        file="mdistiller/distillers/KD.py",
        says="CE_WEIGHT CE + KD_WEIGHT T^2 KL(q || p)",
        arguments={
            "TEMPERATURE": T_BOTH,
            "CE_WEIGHT": "on the hard labels",
            "KD_WEIGHT": "on the soft labels",
        },
        read=lambda TEMPERATURE=4.0, CE_WEIGHT=0.1, KD_WEIGHT=0.9: Loss.weighing(
            CE_WEIGHT, KD_WEIGHT, temperature=TEMPERATURE
        ),
        write=lambda loss: {
            "TEMPERATURE": loss.temperature,
            "CE_WEIGHT": loss.hard_factor,
            "KD_WEIGHT": _soft_weight(loss),
        },
        can=KL_ONLY,
        remark="The weights need not have the sum 1.",
    ),
    "keras": Library(
        version="3.15.1",
        file="keras/src/distillation/distillation_loss.py, distiller.py",
        says="student_loss_weight CE + (1 - student_loss_weight) T^2 KL(q || p)",
        arguments={"temperature": T_BOTH, "student_loss_weight": "on the hard labels"},
        read=lambda temperature=3.0, student_loss_weight=0.5: Loss(
            temperature=temperature, hard_weight=student_loss_weight
        ),
        write=lambda loss: {
            "temperature": loss.temperature,
            "student_loss_weight": loss.setting["hard_weight"],
        },
        can=KL_ONLY,
        remark=(
            "Of LogitsDistillation(loss=keras.losses.KLDivergence()). By default, and by the name "
            "'kl_divergence', no softmax is taken and T^2 is left out: the value is no divergence "
            "and may be negative. Probabilities below 1e-7 are raised to it."
        ),
    ),
    "keras-example": Library(
        version="commit 501fb4c",
        file="keras-io, examples/vision/knowledge_distillation.py",
        says="alpha CE + (1 - alpha) T^2 KL(q || p)",
        arguments={"temperature": T_BOTH, "alpha": "on the hard labels"},
        read=lambda temperature=3.0, alpha=0.1: Loss(temperature=temperature, hard_weight=alpha),
        write=lambda loss: {"temperature": loss.temperature, "alpha": loss.setting["hard_weight"]},
        can=KL_ONLY,
        remark="Its first version (commit 1da2fde) had no T^2 and taught the teacher.",
    ),
    "trl-gkd": Library(
        version="1.16.0",
        file="trl/experimental/gkd/gkd_trainer.py, generalized_jsd_loss",
        says=(
            "KL(q || p) at beta = 0, KL(p || q) at beta = 1, else beta KL(q || m) + "
            "(1 - beta) KL(p || m), m = beta q + (1 - beta) p"
        ),
        arguments={
            "temperature": "T of both sides; the trainer leaves it at 1",
            "beta": "teacher's share of the mixture",
            "reduction": "batchmean: over tokens",
        },
        read=_read_jsd,
        write=lambda loss: {
            "temperature": loss.temperature,
            "beta": _place(loss),
            "reduction": loss.reduction,
        },
        can=JSD | {"reduction": REDUCTIONS, "hard_weight": (0,)},
        remark=f"{_ENDS} The temperature of GKDConfig is that of sampling: it is not in the loss.",
    ),
    "trl-distillation": Library(
        version="1.16.0",
        file="trl/trainer/distillation_trainer.py, _chunked_divergence_loss",
        says="as trl-gkd",
        arguments={
            "temperature": "T of both sides, and of sampling",
            "beta": "teacher's share of the mixture",
        },
        read=lambda temperature=1.0, beta=1.0: _read_jsd(temperature, beta),
        write=lambda loss: {"temperature": loss.temperature, "beta": _place(loss)},
        can=JSD | {"hard_weight": (0,)},
        remark="Reverse by default. As trl-gkd at its ends; no T^2.",
    ),
    "ms-swift": Library(
        version="4.6.0",
        file="swift/rlhf_trainers/gkd_loss.py, gkd_trainer.py",
        says="sft_alpha CE + the loss of trl-gkd",
        arguments={
            "temperature": "T of both sides, and of sampling",
            "beta": "teacher's share of the mixture",
            "sft_alpha": "on the hard labels, against 1",
        },
        read=lambda temperature=0.9, beta=0.5, sft_alpha=0.0: Loss.weighing(
            sft_alpha, 1, temperature=temperature, **_between(beta)
        ),
        write=_write_swift,
        can=JSD,
        remark="As trl-gkd at its ends; no T^2. The cross-entropy is not taken of the student's "
        "own answers.",
    ),
    "verl": Library(
        version="0.9.1",
        file="verl/trainer/distillation/fsdp/losses.py, compute_forward_kl_topk",
        says="KL(q || p) at T = 1",
        arguments={"loss_mode": "forward_kl_topk"},
        read=_read_verl,
        write=lambda loss: {"loss_mode": "forward_kl_topk"},
        can=KL_ONLY | {"temperature": (1,), "hard_weight": (0,)},
        remark=(
            "Over the teacher's topk classes, not renormalised, clipped at 0, with logarithms "
            "above log_prob_min_clamp = -10: ours at topk = K without clamps. By default the loss "
            "is a reward (use_policy_gradient)."
        ),
    ),
}
