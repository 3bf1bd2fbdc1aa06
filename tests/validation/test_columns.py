"""Columns say what rows say: the same values, frames and hashes, before a file and after it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from validation.records import shards
from validation.records.shards import Shard
from validation.trial import identity
from validation.trial.claim import Measured
from validation.trial.columns import Columns, Frames

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
KINDS = [
    st.integers(-(2**62), 2**62),
    FLOATS,
    FLOATS | st.none(),
    st.booleans(),
    st.booleans() | st.none(),
    st.text(max_size=3),
    st.lists(st.integers(0, 9), max_size=3),
    st.lists(FLOATS | st.none(), max_size=2) | st.none(),
    st.lists(st.lists(FLOATS, min_size=2, max_size=2), max_size=3),
    st.fixed_dictionaries({"low": FLOATS, "word": st.text(max_size=2)}),
]


@st.composite
def tables(draw):
    kinds = draw(st.lists(st.sampled_from(range(len(KINDS))), min_size=1, max_size=4))
    row = st.fixed_dictionaries({f"c{place}": KINDS[kind] for place, kind in enumerate(kinds)})
    return {"networks": draw(st.lists(row, max_size=6)), "data": [{"overlap": 0.25}]}


@given(tables())
def test_rows_columns_and_files_agree(tmp_path_factory, measured):
    columns = Columns.of(measured)
    assert dict(columns) == measured
    assert all(columns[name] == columns.rows_of(name).to_pylist() for name in columns)
    out = tmp_path_factory.mktemp("run")
    written = Shard({"label": "one"}, 0, 0, measured, {})
    shards.write_shard(out, written)
    read = shards.read_shard(shards.shard_path(out, written.key))
    assert read == written
    assert identity.sha256(identity.canonical([read.key, dict(read.tables)])) == written.digest
    # The seal was found as it was written: no digest was computed.
    assert read.checked == written.digest
    for name in measured:
        assert dict(shards.read_shard(shards.shard_path(out, written.key), name).tables) == {
            name: measured[name]
        }


@given(tables(), tables())
def test_frames_hold_the_rows_of_their_replicates(first, second):
    frames = Frames({0: Columns.of(first), 2: Columns.of(first), 5: Columns.of(first | second)})
    assert list(frames) == ["networks", "data"]
    rows = [[{"replicate": n, **row} for row in first["networks"]] for n in (0, 2)]
    few = frames.first(2)
    expected = pd.DataFrame([row for own in rows for row in own])
    made = few["networks"]
    assert made["replicate"].tolist() == [row["replicate"] for own in rows for row in own]
    for name in expected.columns[1:]:
        for cell, wanted in zip(made[name], expected[name], strict=True):
            assert (
                cell is wanted
                or np.array_equal(cell, wanted)
                or (pd.isna(cell) and pd.isna(wanted))
            )


@pytest.mark.parametrize("replicates", [3, 2])
def test_numbers_are_those_of_the_frames_in_their_order(replicates):
    rows = [
        {"network": n, "share": n / 7, "strength": [[n + 0.5, k] for k in range(3)]}
        for n in (2, 0, 1)
    ]
    whole = Frames({n: Columns.of({"networks": rows[n % 2 :]}) for n in (4, 0, 3)})
    measured = Measured(None, 3, whole).first(replicates)
    plain = Measured(None, replicates, dict(measured.tables))
    names = ("replicate", "network", "strength")
    for one, other in zip(
        measured.numbers("networks", *names), plain.numbers("networks", *names), strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_numbers_of_no_one_shape_are_refused():
    ragged = Frames({0: Columns.of({"networks": [{"x": [1.0]}, {"x": [1.0, 2.0]}]})})
    for column in ("x", "y"):
        with pytest.raises(KeyError, match=column):
            ragged.numbers("networks", column)


def test_asking_for_numbers_makes_no_frames(monkeypatch):
    """Frames of arrays take several times the memory."""
    rows = [{"network": n, "strength": [n + 0.5, 1.0]} for n in range(3)]
    every = Measured(None, 2, Frames({n: Columns.of({"networks": rows}) for n in (0, 1)}))
    monkeypatch.setattr(Frames, "__getitem__", lambda *_: pytest.fail("a frame was made"))
    (strength,) = every.first(1).numbers("networks", "strength")
    np.testing.assert_array_equal(strength, [row["strength"] for row in rows])
