"""Files are whole or absent; spoilt ones are told from good ones."""

import json
import os
import re

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from validation.records import files, journal, plans, sealed, shards, tables
from validation.records.shards import Shard, SpoiltFileError
from validation.trial import identity

SETTING = {"label": "M = 2", "steps": 5}


def shard(replicate: int = 0, value: float = 0.1) -> Shard:
    tables = {
        "networks": [
            {"network": n, "coverage": value + n / 3, "spawn_key": [1, n]} for n in range(3)
        ],
        "data": [{"view_overlap": 1e-17}],
    }
    return Shard(SETTING, 7, replicate, tables, {"seconds": 1.5, "environment": "cpu"})


def test_a_shard_is_read_back_to_the_last_bit(tmp_path):
    written = shard()
    shards.write_shard(tmp_path, written)
    path = shards.shard_path(tmp_path, written.key)
    read = shards.read_shard(path)
    assert read == written
    assert read.digest == written.digest
    assert shards.find(tmp_path, SETTING, 7, 0) == written
    assert shards.find(tmp_path, SETTING, 7, 1) is None
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_keys_follow_what_determines_the_numbers():
    keys = {
        identity.key(SETTING, 7, 0),
        identity.key(SETTING, 8, 0),
        identity.key(SETTING, 7, 1),
        identity.key(SETTING | {"steps": 6}, 7, 0),
    }
    assert len(keys) == 4
    assert identity.key(dict(reversed(SETTING.items())), 7, 0) in keys
    other = Shard(SETTING, 7, 0, shard().tables, {"seconds": 9.0, "environment": "cuda"})
    assert (other.key, other.digest) == (shard().key, shard().digest)
    assert shard(value=0.1 + 2**-56).digest != shard().digest


def spoil(path, how):
    content = path.read_bytes()
    if how == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "other text":
        path.write_text("not a table")
    elif how == "other table":
        pq.write_table(pa.table({"x": [1, 2]}), path)
    else:
        table = pq.read_table(path)
        identity = json.loads(table.schema.metadata[b"mvtheory"])
        identity |= {"other schema": {"schema": 1}, "another shard": {"seed": 8}}[how]
        meta = {"mvtheory": json.dumps(identity)}
        pq.write_table(table.replace_schema_metadata(meta), path)


def touched(path):
    """The file, as if written by another process: what this one remembers of it is void."""
    then = path.stat()
    os.utime(path, ns=(then.st_atime_ns, then.st_mtime_ns + 10**9))
    return path


SPOILS = [
    "truncated", "empty", "other text", "other table", "other schema", "another shard",
]  # fmt: skip


@pytest.mark.parametrize("how", SPOILS)
def test_spoilt_files_are_recognised_and_set_aside(how, tmp_path):
    shards.write_shard(tmp_path, shard())
    path = shards.shard_path(tmp_path, shard().key)
    spoil(path, how)
    with pytest.raises(SpoiltFileError, match=path.name):
        shards.find(tmp_path, SETTING, 7, 0)
    kept = files.set_aside(tmp_path, path)
    assert kept.exists()
    assert shards.find(tmp_path, SETTING, 7, 0) is None
    shards.write_shard(tmp_path, shard())
    assert files.set_aside(tmp_path, path) != kept
    assert files.set_aside(tmp_path, path).parent == kept.parent  # gone already: no error


@pytest.mark.parametrize("only", [None, "networks", "data", "no table"])
def test_no_changed_byte_changes_a_number_unseen(only, tmp_path):
    """Nor does it where one table alone is read, whichever table the byte belongs to."""
    shards.write_shard(tmp_path, shard())
    path = shards.shard_path(tmp_path, shard().key)
    content, refused = path.read_bytes(), 0
    for place in range(0, len(content), 37):
        path.write_bytes(content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :])
        try:
            read = shards.read_shard(path, only)
        except SpoiltFileError:
            refused += 1
        else:
            assert (read.key, read.digest) == (shard().key, shard().digest)
            assert dict(read.tables) == shard().tables
    assert refused > 20


def test_of_a_sealed_shard_one_table_alone_is_read(tmp_path):
    shards.write_shard(tmp_path, shard())
    path = shards.shard_path(tmp_path, shard().key)
    for only in ("networks", "data", "no table"):
        read = shards.read_shard(path, only)
        assert dict(read.tables) == {n: t for n, t in shard().tables.items() if n == only}
        assert (read.key, read.digest) == (shard().key, shard().digest)


def test_a_shard_is_read_once_and_again_when_its_file_has_changed(tmp_path, monkeypatch):
    shards.write_shard(tmp_path, shard())
    path = touched(shards.shard_path(tmp_path, shard().key))
    reads = []
    read_shard = shards.read_shard
    monkeypatch.setattr(shards, "read_shard", lambda p: reads.append(p) or read_shard(p))
    first = shards.find(tmp_path, SETTING, 7, 0)
    assert first == shard()
    assert shards.find(tmp_path, SETTING, 7, 0) is first
    assert len(tables.read(tmp_path, "networks")) == 3
    assert reads == [path]
    spoil(path, "truncated")
    with pytest.raises(SpoiltFileError):
        shards.find(tmp_path, SETTING, 7, 0)
    path.unlink()
    assert shards.find(tmp_path, SETTING, 7, 0) is None


@pytest.mark.parametrize("seal", [None, b"", b"0", b"of another file"])
def test_without_a_seal_the_digest_tells_whole_numbers_from_changed_ones(seal, tmp_path):
    """As older versions wrote their files."""
    shards.write_shard(tmp_path, shard())
    path = shards.shard_path(tmp_path, shard().key)
    meta = {"mvtheory": pq.read_table(path).schema.metadata[b"mvtheory"]}
    if seal is not None:
        meta[sealed.SEAL] = seal
    pq.write_table(shard().columns.table.replace_schema_metadata(meta), path)
    assert shards.read_shard(path) == shards.read_shard(path, "networks") == shard()
    pq.write_table(shard(value=0.2).columns.table.replace_schema_metadata(meta), path)
    for only in (None, "networks"):
        with pytest.raises(SpoiltFileError, match="its numbers are not those that were written"):
            shards.read_shard(path, only)


def test_a_seal_holds_for_its_own_numbers_names_and_digest(tmp_path):
    """A file changed by somebody who keeps its metadata, seal included."""
    shards.write_shard(tmp_path, shard())
    path = shards.shard_path(tmp_path, shard().key)
    table = pq.read_table(path)
    meta = table.schema.metadata
    renamed = table.rename_columns(["network", "data"]).replace_schema_metadata(meta)
    identity = json.loads(meta[b"mvtheory"]) | {"digest": "0" * 64}
    for changed in (
        shard(value=0.1 + 2**-56).columns.table.replace_schema_metadata(meta),
        renamed,
        table.replace_schema_metadata(meta | {b"mvtheory": json.dumps(identity).encode()}),
    ):
        for how in ({}, {"compression": "lz4", "use_dictionary": False}):
            pq.write_table(changed, path, **how)
            with pytest.raises(SpoiltFileError, match="numbers are not those that were written"):
                shards.read_shard(path)


def test_write_leaves_the_old_file_when_it_fails(tmp_path, monkeypatch):
    file = tmp_path / "a.txt"
    files.write(file, "old")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(files.FolderError, match=r"No space left.*free space.*same command again"):
        files.write(file, "new")
    assert file.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_tidy_removes_what_dead_processes_left_and_nothing_else(tmp_path):
    import socket
    import subprocess

    dead = subprocess.Popen(["true"])
    dead.wait()
    host = socket.gethostname()
    (tmp_path / "shards").mkdir()
    gone = tmp_path / "shards" / f".{dead.pid}-{host}-x.parquet.part"
    living = tmp_path / "shards" / f".{os.getpid()}-{host}-x.parquet.part"
    elsewhere = tmp_path / "shards" / f".{dead.pid}-other.host-x.parquet.part"
    for path in (gone, living, elsewhere):
        path.write_text("half")
    files.tidy(tmp_path)
    assert not gone.exists()
    assert living.exists()
    assert elsewhere.exists()


def test_the_log_survives_a_line_cut_short(tmp_path):
    journal.log(tmp_path, "start", workers=2)
    with (tmp_path / "log.jsonl").open("a") as file:
        file.write('{"event": "sha')
    journal.mend(tmp_path)
    journal.log(tmp_path, "stop", reason="decided")
    assert [event["event"] for event in journal.events(tmp_path)] == ["start", "stop"]
    assert list(journal.events(tmp_path / "none")) == []


def test_frames_out(tmp_path):
    for replicate in (1, 0):
        shards.write_shard(tmp_path, shard(replicate))
    frame = tables.read(tmp_path, "networks")
    assert list(frame.columns[:3]) == ["setting", "seed", "replicate"]
    assert set(frame.columns[3:]) == {"network", "coverage", "spawn_key"}
    assert list(frame["replicate"]) == [0, 0, 0, 1, 1, 1]
    with pytest.raises(ValueError, match=r"table=.nets. is not in .*; it has data, networks"):
        tables.read(tmp_path, "nets")
    with pytest.raises(ValueError, match=r"it has no results: give the --out of a run"):
        tables.read(tmp_path / "none", "networks")


def put_foreign(folder, kind):
    """A file that others left among the shards in `folder`; its name."""
    if kind == "foreign table":
        pq.write_table(pa.table({"x": [1, 2]}), folder / "notes.parquet")
        return "notes.parquet"
    if kind == "copy of a shard":
        (one, *_) = folder.glob("*.parquet")
        (folder / "copy of it.parquet").write_bytes(one.read_bytes())
        return "copy of it.parquet"
    if kind == "metadata of a file system":
        (one, *_) = folder.glob("*.parquet")
        (folder / f"._{one.name}").write_bytes(b"Mac OS X")
        return f"._{one.name}"
    if kind == "folder":
        (folder / "more.parquet").mkdir()
        return "more.parquet"
    name = "0123456789abcdef0123.parquet"
    if kind == "folder called as a shard":
        (folder / name).mkdir()
    elif kind == "shard of another schema":
        shards.write_shard(folder.parent, shard(replicate=5))
        path = shards.shard_path(folder.parent, shard(replicate=5).key)
        spoil(path, "other schema")
        path.rename(folder / name)
    elif kind == "cut shard":
        (one, *_) = folder.glob("*.parquet")
        (folder / name).write_bytes(one.read_bytes()[:99])
    return name


FOREIGN = [
    "foreign table", "copy of a shard", "metadata of a file system", "folder",
    "folder called as a shard", "shard of another schema", "cut shard",
]  # fmt: skip


@pytest.mark.parametrize("kind", FOREIGN)
def test_frames_leave_out_what_is_no_result_and_say_so(kind, tmp_path):
    shards.write_shard(tmp_path, shard())
    alone = tables.read(tmp_path, "networks")
    name = put_foreign(tmp_path / "shards", kind)
    with pytest.warns(UserWarning, match=f"left out: .*/shards/{re.escape(name)}: ") as told:
        frame = tables.read(tmp_path, "networks")
    assert len(told) == 1
    pd.testing.assert_frame_equal(frame, alone)


def test_other_files_of_a_run_are_passed_over(tmp_path):
    """What a killed process left half-written, folders, and files of another kind."""
    shards.write_shard(tmp_path, shard())
    for name in (".7-host-0123456789abcdef0123.parquet.part", "list.csv", "0123.parquet.gz"):
        (tmp_path / "shards" / name).write_text("half")
    (tmp_path / "shards" / "old").mkdir()
    assert len(tables.read(tmp_path, "networks")) == 3
    assert shards.shard_paths(tmp_path) == [shards.shard_path(tmp_path, shard().key)]


def test_a_spoilt_extra_table_is_left_out_and_made_anew_as_said(tmp_path):
    shards.write_shard(tmp_path, shard())
    shards.write_extra(tmp_path, shard().key, "weights", [{"network": 0, "trained": [1.0]}])
    assert len(tables.read(tmp_path, "weights")) == 1
    path = shards.extra_path(tmp_path, shard().key, "weights")
    path.write_bytes(path.read_bytes()[:50])
    with pytest.warns(UserWarning, match="remove it, and a run with --keep weights makes it anew"):
        assert len(tables.read(tmp_path, "weights")) == 0


def test_a_file_that_cannot_be_read_is_no_spoilt_file(tmp_path, monkeypatch):
    shards.write_shard(tmp_path, shard())
    touched(shards.shard_path(tmp_path, shard().key))
    refuse = PermissionError(13, "Permission denied")
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda _: (_ for _ in ()).throw(refuse))
    with pytest.raises(files.FolderError, match=r"cannot be read \(Permission denied\): make it"):
        tables.read(tmp_path, "networks")


@pytest.mark.parametrize(
    "line", ['{"event": "plan"}', '{"time": "t", "event": "plan"}', "7", "[]", "null", "\x00"]
)
def test_foreign_lines_of_the_log_are_passed_over(line, tmp_path):
    (tmp_path / "log.jsonl").write_text(line + "\n")
    assert plans.registered(tmp_path) == []
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "notes.json").write_text("{}")
    assert plans.registered(tmp_path) == []
    assert list(journal.events(tmp_path / "log.jsonl")) == []  # a file in place of a folder
