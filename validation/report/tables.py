"""The report's tables as rows and as CSV, every digit kept."""

import csv
import io
from dataclasses import asdict
from typing import Any

from validation.records.conclusion import Conclusion
from validation.report.rows import Row, rows

Line = dict[str, Any]


def tables(results: Conclusion) -> dict[str, list[Line]]:
    """Lines of verdicts, comparisons (preconditions too) and power."""
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
            {"claim": record.name} | _comparison(row)
            for record in results.claims
            for row in rows(record)
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


def _comparison(row: Row) -> Line:
    own = row.comparison
    low, high = own.interval
    return {
        "kind": row.kind,
        **asdict(row.expectation) | {"predicted": row.predicted},
        "planned_for": row.planned_for,
        "observed": own.observed,
        "standard_error": own.standard_error,
        "replicates": own.replicates,
        "verdict": own.verdict,
        "exact": own.exact,
        "difference": row.difference,
        "to_decide": own.to_decide,
        "interval_low": low,
        "interval_high": high,
        "confidence": own.confidence,
    }


def csv_text(lines: list[Line]) -> str:
    """Lines as CSV."""
    text = io.StringIO()
    names = list(lines[0]) if lines else []
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()
