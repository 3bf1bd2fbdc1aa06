"""The report's tables as rows and as CSV, every digit kept."""

import csv
import io
from dataclasses import asdict
from typing import Any

from validation.records.claim_record import ClaimRecord
from validation.records.conclusion import Conclusion
from validation.trial.claim import Comparison

Row = dict[str, Any]


def tables(results: Conclusion) -> dict[str, list[Row]]:
    """Rows of verdicts, comparisons (preconditions too) and power."""
    return {
        "verdicts": [
            {
                "name": record.name,
                "verdict": record.verdict,
                "look": record.look,
                "replicates": record.replicates,
                "seen_before": record.seen,
            }
            for record in results.claims
        ],
        "comparisons": [
            _row(record, kind, comparison)
            for record in results.claims
            for kind, own in (("precondition", record.checks), ("comparison", record.comparisons))
            for comparison in own
        ],
        "power": [
            {
                "claim": record.name,
                "planned": record.planned.replicates[0],
                "power": record.planned.power,
            }
            for record in results.claims
        ],
    }


def _row(record: ClaimRecord, kind: str, comparison: Comparison) -> Row:
    expectation = comparison.expectation
    low, high = comparison.interval
    said = asdict(expectation)
    theory = kind == "comparison" and not expectation.bound
    return {
        "claim": record.name,
        "kind": kind,
        # What is only foreseen, so that replicates can be planned, is no prediction of the theory.
        **said | {"predicted": expectation.predicted if theory else None},
        "planned_for": None if theory else expectation.expected,
        "observed": comparison.observed,
        "standard_error": comparison.standard_error,
        "replicates": comparison.replicates,
        "verdict": comparison.verdict,
        "exact": comparison.exact,
        "difference": comparison.difference if theory else None,
        "to_decide": comparison.to_decide,
        "interval_low": low,
        "interval_high": high,
        "confidence": comparison.confidence,
    }


def csv_text(rows: list[Row]) -> str:
    """Rows as CSV."""
    text = io.StringIO()
    names = list(rows[0]) if rows else []
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
