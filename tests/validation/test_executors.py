"""Workers that stop where they are."""

import fcntl
import os
import struct
import sys
import termios
import time

from validation.running.executors import Processes

PATIENCE = 60
"""Seconds; only a hang takes so long."""


def half_a_result(begun: str) -> None:
    """As a worker that is stopped while it writes a long result: its length, and a part of it."""
    frame = sys._getframe()
    while "result_queue" not in frame.f_locals:
        assert frame.f_back is not None
        frame = frame.f_back
    writer = frame.f_locals["result_queue"]._writer
    os.write(writer.fileno(), struct.pack("!i", 1000) + b"a part of it")
    os.close(os.open(begun, os.O_CREAT))
    time.sleep(PATIENCE)


def unread(descriptor: int) -> int:
    """Bytes that wait in a pipe."""
    return struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, b"\0" * 4))[0]


def test_nobody_waits_for_the_rest_of_a_result(tmp_path):
    pool, begun = Processes(1), tmp_path / "begun"
    future = pool.submit(half_a_result, str(begun))
    reader, manager = pool._result_queue._reader, pool._executor_manager_thread
    end = time.monotonic() + PATIENCE
    while not begun.exists() or unread(reader.fileno()):
        assert time.monotonic() < end
        time.sleep(0.01)
    pool.shutdown(wait=False, cancel_futures=True)
    manager.join(PATIENCE)
    assert not manager.is_alive()
    assert future.exception(PATIENCE) is not None
