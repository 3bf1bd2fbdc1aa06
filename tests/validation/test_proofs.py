"""What shows others that a record is what it says: ledgers, timestamps, replicates made anew."""

import http.server
import json
import shutil
import subprocess
import threading
from dataclasses import replace

import pytest

from validation import command
from validation.records import chain, ledger, shards, timestamps
from validation.records.conclusion import conclude
from validation.running import runner, verifying


@pytest.fixture(scope="module")
def plan(small_plan):
    return small_plan.with_replicates([2])


@pytest.fixture(scope="module")
def entered(tmp_path_factory, plan):
    """Two seeds, each in a folder of its own, with one ledger."""
    own = tmp_path_factory.mktemp("entered")
    for seed in (1, 2):
        runner.run(own / str(seed), replace(plan, seed=seed), entered=own / "ledger.jsonl")
    return own


def test_a_ledger_tells_of_other_seeds_in_other_folders(entered, plan):
    results = conclude(entered / "2", entered / "ledger.jsonl")
    (other,) = results.earlier
    assert (other["seed"], other["plan"]) == (1, replace(plan, seed=1).name)
    assert set(other["verdicts"]) == {claim.name for claim in plan.claims}
    assert (results.deviations, results.seen) == ([], [])
    assert conclude(entered / "2").earlier == []


def test_a_ledger_tells_of_the_same_networks_judged_otherwise(entered, plan, tmp_path):
    """The same seed in a fresh folder, with a range that was changed meanwhile."""
    shutil.copy(entered / "ledger.jsonl", tmp_path)
    first, *others = plan.claims
    wider = replace(first, margin="wider")
    changed = replace(plan, seed=1, claims=(wider, *others))
    runner.run(tmp_path / "run", changed, entered=tmp_path / "ledger.jsonl")
    results = conclude(tmp_path / "run", tmp_path / "ledger.jsonl")
    assert results.seen == [first.name]
    assert conclude(tmp_path / "run").seen == []
    # What was planned first may be tried again.
    assert ledger.tried(tmp_path / "ledger.jsonl", replace(plan, seed=1)) == set()


def test_a_ledger_that_was_changed_is_known(entered, tmp_path):
    lines = (entered / "ledger.jsonl").read_text().splitlines(keepends=True)
    book = tmp_path / "ledger.jsonl"
    book.write_text("".join(lines[2:]))  # the first seed is struck out
    assert chain.breaks(book) == [1]
    assert "was changed: what comes before does not belong to line 1" in " ".join(
        conclude(entered / "2", book).deviations
    )
    assert "does not name this plan" in " ".join(conclude(entered / "1", book).deviations)
    gone = conclude(entered / "1", tmp_path / "none").deviations
    assert gone == ["The ledger none is missing or empty."]


def test_replicates_are_computed_again_to_the_last_bit(entered, capsys):
    assert command.main(["verify", str(entered / "1"), "--sample", "2"]) == 0
    said = capsys.readouterr().out
    assert "2 of 2 replicates are reproduced, 2 to the last bit." in said
    assert said.count("reproduced to the last bit") == 2


def test_a_replicate_that_is_not_what_was_computed_is_found(entered, tmp_path, capsys):
    """Numbers that somebody wrote with a digest and a log of their own."""
    out = shutil.copytree(entered / "1", tmp_path / "run")
    own = shards.read_shard(shards.shard_paths(out)[0])
    tables = dict(own.tables)
    tables["networks"] = [row | {"coverage": 0.95} for row in tables["networks"]]
    changed = replace(own, tables=tables, checked="")
    shards.write_shard(out, changed)
    log = (out / "log.jsonl").read_text()
    (out / "log.jsonl").write_text("")
    for event in map(json.loads, log.splitlines()):
        facts = {n: v for n, v in event.items() if n not in ("time", "event", "previous")}
        if facts.get("key") == own.key:
            facts["digest"] = changed.digest
        chain.add(out / "log.jsonl", event["event"], **facts)
    assert conclude(out).deviations == []
    assert command.main(["verify", str(out), "--sample", "9"]) == 1
    said = capsys.readouterr().out
    assert "NOT reproduced, off by " in said
    assert "1 of 2 replicates are reproduced, 1 to the last bit." in said


def test_another_processor_may_round_otherwise_and_no_more():
    def found(**more):
        plain = {"same_bits": False, "stored_by": "cpu (A)", "computed_by": "cpu (B)"}
        return verifying.Verified("s", 0, "key", distance=0.1, **plain | more)

    assert found().good
    assert not found(computed_by="cpu (A)").good  # here every bit is the same, or something is not
    assert found(computed_by="cpu (A)", same_bits=True).good
    assert not replace(found(), distance=0.6).good


# An authority of this test's own.

CONFIG = """
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Address of an authority for timestamps on this machine, and its root's certificate."""
    pytest.importorskip("rfc3161_client")
    if not shutil.which("openssl"):
        pytest.skip("no openssl: nobody to sign")
    folder = tmp_path_factory.mktemp("authority")

    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

    key, root, signer = (folder / name for name in ("key.pem", "root.pem", "signer.pem"))
    (folder / "extension").write_text(
        "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n"
        "extendedKeyUsage=critical,timeStamping\nsubjectKeyIdentifier=hash\n"
        "authorityKeyIdentifier=keyid\n"
    )
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
    openssl("req", "-x509", "-new", "-key", key, "-subj", "/CN=own root", "-days", 2, "-out", root)
    openssl("req", "-new", "-key", key, "-subj", "/CN=own signer", "-out", folder / "request")
    openssl(
        "x509", "-req", "-in", folder / "request", "-CA", root, "-CAkey", key, "-set_serial", 2,
        "-days", 2, "-extfile", folder / "extension", "-out", signer,
    )  # fmt: skip

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            query, reply = folder / "query", folder / "reply"
            query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            openssl(
                "ts", "-reply", "-config", folder / "tsa.cnf", "-queryfile", query, "-signer",
                signer, "-inkey", key, "-out", reply,
            )  # fmt: skip
            self.send_response(200)
            self.end_headers()
            self.wfile.write(reply.read_bytes())

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", root
    server.shutdown()
    server.server_close()


def test_a_plan_is_timestamped_and_the_token_checked(authority, plan, tmp_path):
    url, root = authority
    runner.run(tmp_path, plan, authority=url)
    results = conclude(tmp_path, roots=root)
    assert results.timestamp.startswith("An authority that is trusted here signed that the plan")
    assert results.deviations == []
    assert "nothing that is trusted here vouches" in conclude(tmp_path).timestamp
    assert timestamps.stamp(tmp_path, plan, url).startswith("The plan has a timestamp already")
    # OpenSSL agrees, given nothing but the plan's name.
    token = timestamps.token_path(tmp_path, plan.name)
    subprocess.run(
        ["openssl", "ts", "-verify", "-digest", plan.name, "-in", token, "-CAfile", root],
        check=True, capture_output=True,
    )  # fmt: skip
    # Of another plan it proves nothing, and after results it says so.
    other = replace(plan, seed=8)
    shutil.copy(token, timestamps.token_path(tmp_path, other.name))
    assert "is of something else than this plan" in timestamps.said(tmp_path, other, root)
    (late,) = timestamps.late(tmp_path, plan, "2020-01-01T00:00:00+00:00")
    assert "after its first result at 2020-01-01" in late
    content = bytearray(token.read_bytes())
    content[-5] ^= 1  # of the signature
    token.write_bytes(content)
    assert "nothing that is trusted here vouches" in timestamps.said(tmp_path, plan, root)


def test_without_an_answer_the_run_goes_on_and_says_so(plan, tmp_path):
    pytest.importorskip("rfc3161_client")
    runner.run(tmp_path, plan.with_replicates([1]), authority="http://127.0.0.1:9")
    said = conclude(tmp_path).timestamp
    assert said.startswith("The plan could not be timestamped: http://127.0.0.1:9 gave no token (")
