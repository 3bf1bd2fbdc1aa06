"""The precondition of most claims: networks have fitted their training samples."""

from typing import TYPE_CHECKING, Any

from validation.trial.claim import Expectation, Measured, Sample, means

if TYPE_CHECKING:
    import pandas as pd


def fits(
    setting: Any, least: float, spread: float, who: str = "", expected: float = 1.0
) -> Expectation:
    """Training accuracy of one network, at least `least`.

    `spread` is the deviation that is expected of a replicate, `who` the networks that are meant,
    where not all are, and `expected` the accuracy that replicates are planned for.
    """
    panel = f"training accuracy, {who}" if who else "training accuracy"
    return Expectation(
        panel, "one network", setting.label, expected, least, None, spread,
        setting.training_samples,
    )  # fmt: skip


def fitted(measured: Measured, rows: "pd.DataFrame | None" = None) -> Sample:
    """Training accuracy by replicate, of all networks or of these rows of their table.

    Its independent trials are the samples, which all networks of a replicate share.
    """
    table = measured.tables["networks"] if rows is None else rows
    return Sample.of(
        means(table, "training_accuracy"),
        measured.setting.training_samples * measured.replicates,
    )
