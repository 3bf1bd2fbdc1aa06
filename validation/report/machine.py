"""What a report says, for programs: verdicts.json, of the form that verdicts.schema.json gives."""

import json
from importlib.resources import files
from typing import Any

from validation.records.claim_record import ClaimRecord
from validation.records.conclusion import Conclusion
from validation.report.rows import Row, rows
from validation.report.words import headline

FORMAT = 1
"""Raise it when something that the schema names goes or changes its meaning; more may be added."""


def schema() -> str:
    """The JSON schema of verdicts.json."""
    return files("validation.report").joinpath("verdicts.schema.json").read_text(encoding="utf-8")


def verdicts(results: Conclusion) -> str:
    """The text of verdicts.json."""
    plan = results.plan
    return (
        json.dumps(
            {
                "format": FORMAT,
                "mvtheory": plan.mvtheory,
                "plan": plan.name,
                "predictions": plan.predictions,
                "preset": plan.preset,
                "seed": plan.seed,
                "alpha": plan.alpha,
                "registered": results.registered,
                "timestamp": results.timestamp,
                "headline": headline(results),
                "deviations": results.deviations,
                "lacks": results.lacks,
                "earlier": results.earlier,
                "models": results.models,
                "environments": results.environments,
                "digest": results.digest,
                "log": results.head,
                "claims": [_claim(record) for record in results.claims],
            },
            indent=1,
            allow_nan=False,
        )
        + "\n"
    )


def _claim(record: ClaimRecord) -> dict[str, Any]:
    claim, planned = record.claim, record.planned
    return {
        "claim": record.name,
        "module": planned.module,
        "title": claim.title,
        "statement": planned.statement,
        "margin": planned.margin,
        "refuted": claim.refuted,
        "does_not_show": list(claim.does_not_show),
        "verdict": str(record.verdict),
        "recorded": str(claim.recorded),
        "seen_before": record.seen,
        "look": record.look,
        "replicates": record.replicates,
        "power": planned.power,
        "comparisons": [_comparison(row) for row in rows(record)],
    }


def _comparison(row: Row) -> dict[str, Any]:
    own, expected = row.comparison, row.expectation
    return {
        "kind": row.kind,
        "place": row.place,
        "panel": expected.panel,
        "series": expected.series,
        "x": expected.x,
        "bound": bool(expected.bound),
        "predicted": row.predicted,
        "finite_size": row.finite_size,
        "planned_for": row.planned_for,
        "range": {"low": expected.low, "high": expected.high},
        "observed": own.observed,
        "standard_error": own.standard_error,
        "interval": {
            "low": own.interval[0], "high": own.interval[1], "confidence": own.confidence,
            "exact": own.exact,
        },
        "replicates": own.replicates,
        "verdict": str(own.verdict),
    }  # fmt: skip
