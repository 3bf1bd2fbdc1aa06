"""The verdicts' own error rates, measured on simulated runs, and on wrong formulas.

A study is a claim in a whole run, with all looks. Its replicates are drawn around a known truth
with the spread that the theory expects, and its comparisons vary together as in a simulated lottery
or on trained networks, so that it is known which verdicts are false.
"""

from validation.calibration.measuring import Calibration, calibrate, planned
from validation.calibration.record import merged, read, stale, write
from validation.calibration.sources import trained
from validation.calibration.tables import failed, tables, worst
from validation.calibration.wrong import on_networks

__all__ = [
    "Calibration",
    "calibrate",
    "failed",
    "merged",
    "on_networks",
    "planned",
    "read",
    "stale",
    "tables",
    "trained",
    "worst",
    "write",
]
