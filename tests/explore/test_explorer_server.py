"""The server: what it answers, to whom, and how it ends."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request

import pytest

from mvtheory.cli import main
from mvtheory.explore.server import ADDRESS


def asked(server, path, host=None, method="GET"):
    connection = http.client.HTTPConnection(ADDRESS, server.server_port)
    try:
        connection.request(method, path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_it_listens_to_this_machine_alone(server):
    assert server.server_address[0] == "127.0.0.1"


def test_the_page_is_served(server):
    status, text = asked(server, "/")
    assert status == 200
    assert '"live":true' in text


def test_pictures_are_those_of_the_panels(server):
    status, text = asked(server, "/picture/winner?second=0.5&power=3&neurons=20")
    assert status == 200
    shown = server.panels["winner"].picture(second=0.5, third=0.6, power=3.0, neurons=20)
    assert json.loads(text) == json.loads(json.dumps(shown.plain()))


@pytest.mark.parametrize(
    "host", ["example.org", "127.0.0.1", "localhost:1", "127.0.0.1.example.org"]
)
def test_another_name_for_this_machine_is_refused(server, host):
    for path in ("/", "/picture/winner"):
        status, text = asked(server, path, host)
        assert (status, text) == (403, "not this host")


def test_this_machine_may_be_called_localhost(server):
    assert asked(server, "/", f"localhost:{server.server_port}")[0] == 200


@pytest.mark.parametrize(
    "path",
    ["/page.py", "/../page.py", "/picture/", "/picture/nothing", "/picture/../page.css", "/x/"],
)
def test_no_other_address_is_answered(server, path):
    assert asked(server, path) == (404, "no such page")


def test_it_is_only_asked_for_things(server):
    assert asked(server, "/", method="POST")[0] == 501


def test_what_is_wrong_is_one_line(server):
    status, text = asked(server, "/picture/coverage?views=99")
    assert status == 400
    assert json.loads(text)["error"] == (
        "views=99.0 is not allowed (views of each class: integer, 1 <= views <= 12); choose a "
        "value in this range"
    )


def test_a_port_in_use_is_one_line(server, capsys):
    assert main(["explore", "--no-browser", "--port", str(server.server_port)]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"mvtheory: port={server.server_port} cannot be had (Address already in use); choose "
        "another, or none"
    ]


def test_ctrl_c_ends_it():
    command = [sys.executable, "-m", "mvtheory", "explore", "--no-browser"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    # Of a shell's background job Ctrl-C is ignored, and so it is of what it starts.
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
    ) as process:
        assert process.stdout is not None
        address = re.match(r"Explore: (http://127\.0\.0\.1:\d+/) ", process.stdout.readline())
        assert address is not None
        with urllib.request.urlopen(address[1]) as page:  # an answer: it serves
            page.read()
        process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()  # or leaving the block would wait for ever
    assert (out, err, process.returncode) == ("Ended.\n", "", 0)
