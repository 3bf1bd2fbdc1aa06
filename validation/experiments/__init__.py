"""The experiments that claims share: what a setting is, and what trains its networks."""

from typing import Any

from validation.experiments.description import rebuild
from validation.experiments.gaussian_inputs.setting import GaussianSetting
from validation.experiments.kernels.setting import KernelSetting
from validation.experiments.lottery.setting import LotterySetting
from validation.experiments.mixing.setting import MixingSetting
from validation.experiments.phase.setting import PhaseSetting
from validation.experiments.random_features.setting import RandomFeatureSetting
from validation.experiments.students.setting import StudentSetting
from validation.experiments.summed.setting import SummedSetting
from validation.experiments.teaching.setting import TeachingSetting

EXPERIMENTS: dict[str, Any] = {
    kind.experiment: kind
    for kind in (
        GaussianSetting, KernelSetting, LotterySetting, MixingSetting, PhaseSetting,
        RandomFeatureSetting, StudentSetting, SummedSetting, TeachingSetting,
    )
}  # fmt: skip

__all__ = ["EXPERIMENTS", "restore"]


def restore(description: dict[str, Any]) -> Any:
    """The setting that described itself so, in a plan or a shard."""
    name = description.get("experiment")
    if name not in EXPERIMENTS:
        raise ValueError(
            f"experiment={name!r} is not known to this version, which knows "
            f"{', '.join(EXPERIMENTS)}: use the version that made the run"
        )
    return rebuild(EXPERIMENTS[name], description)
