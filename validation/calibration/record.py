"""The record of a calibration: numbers as JSON, which can be continued, and tables as Markdown."""

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from validation.calibration.hashes import hash_of
from validation.calibration.measuring import Calibration, Planned, Row, planned
from validation.calibration.sources import LOTTERY, Kept
from validation.calibration.tables import markdown
from validation.calibration.wrong import Refused

SCHEMA = 1


def write(path: Path, result: Calibration) -> None:
    """Write `path`.json and `path`.md."""
    plain = {"schema": SCHEMA, **{name: getattr(result, name) for name in ("studies", "seed")}}
    lines = [f'"{name}": {json.dumps(value)}' for name, value in plain.items()]
    lines.append('"rows": [\n' + ",\n".join(json.dumps(asdict(row)) for row in result.rows) + "\n]")
    kept = ",\n".join(f"{json.dumps(name)}: {json.dumps(own)}" for name, own in result.kept.items())
    lines.append('"kept": {\n' + kept + "\n}")
    path.with_suffix(".json").write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")
    path.with_suffix(".md").write_text(markdown(result), encoding="utf-8")


def read(path: Path) -> Calibration | None:
    """The record at `path`.json; None where there is none, or one of another version."""
    try:
        plain = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if plain.pop("schema", None) != SCHEMA:
        return None
    rows = [_row(own) for own in plain.pop("rows")]
    return Calibration(rows=rows, **plain)


def _row(plain: dict[str, Any]) -> Row:
    for name in ("strictest", "alone"):
        plain[name] = {scenario: tuple(own) for scenario, own in plain[name].items()}
    plain["replicates"] = tuple(plain["replicates"])
    return Row(**plain | {"wrong": [Refused(**own) for own in plain["wrong"]]})


def merged(before: Calibration | None, now: Calibration) -> Calibration:
    """An earlier record with the rows measured now in the place of its own, in the order of now.

    Rows of claims that are no more are left out.
    """
    if before is None or (before.studies, before.seed) != (now.studies, now.seed):
        return now
    rows = {row.name: row for row in (*before.rows, *now.rows)}
    kept = before.kept | now.kept
    order = [own.name for _, _, own in planned()]
    return replace(
        now,
        rows=[rows[name] for name in order if name in rows],
        kept={name: kept[name] for name in order if name in kept},
    )


def stale(
    record: Calibration, claims: Iterable[Planned] | None = None, kept: Kept | None = None
) -> list[str]:
    """Claims that the record lacks, or has of other rules, predictions or plans, and those that it
    has too many.

    `claims` are those of `planned`, by default of now; `kept` the trained replicates that are
    there now, by default those of the record.
    """
    now = {own.name: hash_of(own, count) for _, count, own in claims or planned()}
    then = {row.name: row for row in record.rows}

    def good(name: str) -> bool:
        if name not in now or name not in then or now[name] != then[name].hash:
            return False
        known = (kept or {}).get(name)
        return known is None or then[name].source == LOTTERY or known == record.kept.get(name)

    return [name for name in {**now, **then} if not good(name)]
