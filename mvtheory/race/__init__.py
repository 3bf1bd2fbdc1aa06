"""Which view wins the early race, and how often the race is too close to have one winner."""

from mvtheory.race.alone import unrivalled_coverage
from mvtheory.race.augmented import augmented_coverage
from mvtheory.race.cosine import critical_cosine
from mvtheory.race.course import best_temperature, course_growth, plain_drive
from mvtheory.race.descent import Descent, descend
from mvtheory.race.edge import (
    critical_rate,
    descend_pathways,
    pathway_sharpness,
    pathways_at_edge,
    settled_probability,
    view_sharpness,
)
from mvtheory.race.escape import escape_time
from mvtheory.race.final import final_strength
from mvtheory.race.grow import grow
from mvtheory.race.growth import expected_coverage, upset_probability
from mvtheory.race.hard_signals import corrected_margin, signal_lead
from mvtheory.race.kernel import Alignments, kernel_alignments
from mvtheory.race.late import late_growth
from mvtheory.race.lesson import Lesson
from mvtheory.race.messages import mixed_strength
from mvtheory.race.mistaken import mistaken_drive
from mvtheory.race.odds import win_probabilities
from mvtheory.race.pathways import grow_pathways, pathway_shares, rare_drives
from mvtheory.race.regime import Condition, Regime, regime
from mvtheory.race.resampled import resampled_coverage
from mvtheory.race.setting import Setting
from mvtheory.race.strength import loser_strength, strength_before_escape, time_to_reach
from mvtheory.race.transfer import dark_drive
from mvtheory.race.turned import turned_shares
from mvtheory.race.unlearned import (
    single_winner_probability,
    unlearned_growth,
    unlearned_strength,
)
from mvtheory.race.waiting import expected_coverage_waiting, waiting_drive
from mvtheory.race.weak_labels import Correction, WeakLabels, correct_labels
from mvtheory.race.winner import predict_winner

__all__ = [
    "Alignments",
    "Condition",
    "Correction",
    "Descent",
    "Lesson",
    "Regime",
    "Setting",
    "WeakLabels",
    "augmented_coverage",
    "best_temperature",
    "correct_labels",
    "corrected_margin",
    "course_growth",
    "critical_cosine",
    "critical_rate",
    "dark_drive",
    "descend",
    "descend_pathways",
    "escape_time",
    "expected_coverage",
    "expected_coverage_waiting",
    "final_strength",
    "grow",
    "grow_pathways",
    "kernel_alignments",
    "late_growth",
    "loser_strength",
    "mistaken_drive",
    "mixed_strength",
    "pathway_shares",
    "pathway_sharpness",
    "pathways_at_edge",
    "plain_drive",
    "predict_winner",
    "rare_drives",
    "regime",
    "resampled_coverage",
    "settled_probability",
    "signal_lead",
    "single_winner_probability",
    "strength_before_escape",
    "time_to_reach",
    "turned_shares",
    "unlearned_growth",
    "unlearned_strength",
    "unrivalled_coverage",
    "upset_probability",
    "view_sharpness",
    "waiting_drive",
    "win_probabilities",
]


def __dir__() -> list[str]:
    return __all__
