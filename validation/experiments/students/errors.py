"""How far predicted accuracies are off over the settings of a grid, in words."""

import numpy as np

from validation.trial.claim import Measured

WORDS = {
    "printed": "the estimator (12) as printed",
    "dual": "the estimator (12) for the dual model",
    "test_form": "the estimator (12) in its test form",
    "linear": "the linear mixture",
    "balanced": "the blend",
    "one": "the blend from one student",
    "two": "from two, of the lowest and the highest T",
}
"""Of the columns of predictions; records of before may lack some."""


def errors_in_words(study: Measured) -> str:
    """Root-mean-square errors of the predictions, and of none, over the settings of both labels."""
    table = study.tables["students"]
    mixed = table[table["hard_weight"] > 0]
    places = mixed.groupby(["temperature", "hard_weight"])
    truth = places["accuracy"].mean()
    told = {"no change": study.by_replicate("problem", "student_accuracy").mean()}
    told |= {words: places[name].mean() for name, words in WORDS.items() if name in mixed}
    errors = (
        f"{words} {np.sqrt(((value - truth) ** 2).mean()):.4f}" for words, value in told.items()
    )
    return f"root-mean-square error over {len(truth)} settings: {', '.join(errors)}"
