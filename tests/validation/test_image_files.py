"""Image data sets are read as they lie on the disk, and nothing else is."""

import codecs
import pickle
import re
import shutil
import subprocess
import sys
from collections import OrderedDict
from hashlib import md5

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import image_files as write
from validation.data import Images, load
from validation.data.folder import SETS


def assert_same(found: Images, written: Images) -> None:
    np.testing.assert_array_equal(found.pixels, written.pixels)
    np.testing.assert_array_equal(found.labels, written.labels)
    assert found.pixels.dtype == np.uint8
    assert found.labels.dtype == np.int64
    assert found.pixels.flags.c_contiguous
    assert found.pixels.flags.writeable


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_cifar_is_read_whatever_wrote_its_pickles(tmp_path, protocol):
    ten, hundred = write.cifar10(tmp_path, protocol), write.cifar100(tmp_path, protocol)
    read = load("cifar-10", tmp_path, partial=True)
    assert_same(read.training, ten[0])
    assert_same(read.test, ten[1])
    assert read.classes[3] == "name 3"
    read = load("cifar-100", tmp_path, partial=True)
    assert_same(read.training, hundred[0])
    assert_same(read.test, hundred[1])
    assert (read.classes[99], len(read.classes)) == ("fine 99", 100)


def test_cifar_is_read_as_published_by_python_2(tmp_path):
    training, _ = write.cifar100(tmp_path)
    content = write.python2_pickle(write.rows(training), training.labels.tolist(), "fine_labels")
    assert b"numpy.core" in content
    write.put(tmp_path / write.HUNDRED / "train", content)
    assert_same(load("cifar-100", tmp_path, partial=True).training, training)


def test_an_array_by_columns_is_read_in_its_own_order(tmp_path):
    training, _ = write.cifar100(tmp_path)
    for protocol in (2, 5):
        write.cifar100(tmp_path, protocol, data=np.asfortranarray(write.rows(training)))
        assert_same(load("cifar-100", tmp_path, partial=True).training, training)


def test_coarse_labels_are_those_of_the_superclasses(tmp_path):
    training, test = write.cifar100(tmp_path)
    read = load("cifar-100", tmp_path, coarse=True, partial=True)
    np.testing.assert_array_equal(read.training.labels, training.labels % 20)
    np.testing.assert_array_equal(read.test.labels, test.labels % 20)
    assert (read.classes[19], len(read.classes)) == ("coarse 19", 20)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("name", "raw", "third"),
    [("mnist", write.MNIST, "2"), ("fashion-mnist", write.FASHION, "Pullover")],
)
def test_idx_files_are_read_packed_or_not(tmp_path, name, raw, third, packed):
    training, test = write.mnist(tmp_path, raw, packed)
    read = load(name, tmp_path, partial=True)
    assert_same(read.training, training)
    assert_same(read.test, test)
    assert (read.classes[2], len(read.classes)) == (third, 10)
    assert all(file.endswith(".gz") == packed for file in read.checksums)


def test_omniglot_is_parted_by_its_drawers(tmp_path):
    ink = write.omniglot(tmp_path)
    read = load("omniglot", tmp_path)
    assert read.classes == tuple(ink)
    for label, drawings in enumerate(ink.values()):
        for part, own in ((read.training, drawings[:15]), (read.test, drawings[15:])):
            np.testing.assert_array_equal(part.pixels[part.labels == label][..., 0], own)
    assert len(read.training.labels) == 45
    assert len(read.test.labels) == 15


def test_an_archive_of_your_own_is_read_with_and_without_channels(tmp_path):
    training, test = write.archive(tmp_path)
    read = load("own.npz", tmp_path)
    assert_same(read.training, training)
    assert_same(read.test, test)
    assert read.classes == ("0", "1", "2")
    grey = {"x_train": training.pixels[..., 0], "x_test": test.pixels[..., 0]}
    write.archive(tmp_path, **grey, y_train=training.labels.astype(np.uint8))
    assert_same(load(str(tmp_path / "own.npz")).training,
                Images(training.pixels[..., :1], training.labels))  # fmt: skip


def test_checksums_are_those_of_the_files(tmp_path):
    write.cifar100(tmp_path)
    read = load("cifar-100", tmp_path, partial=True)
    for part in ("meta", "train", "test"):
        content = (tmp_path / write.HUNDRED / part).read_bytes()
        assert read.checksums[f"{write.HUNDRED}/{part}"] == md5(content).hexdigest()
    write.omniglot(tmp_path)
    (before,) = load("omniglot", tmp_path).checksums.values()
    other = write.png(np.zeros((105, 105), np.uint8))
    write.put(tmp_path / write.OMNIGLOT / "Latin/character01/0002_20.png", other)
    (after,) = load("omniglot", tmp_path).checksums.values()
    assert before != after


def test_the_environment_names_the_folder_and_an_argument_goes_before(tmp_path, monkeypatch):
    training, _ = write.mnist(tmp_path)
    monkeypatch.setenv("MVTHEORY_DATA", str(tmp_path))
    assert_same(load("mnist", partial=True).training, training)
    with pytest.raises(ValueError, match=r"elsewhere/MNIST/raw/.* is missing"):
        load("mnist", tmp_path / "elsewhere", partial=True)
    monkeypatch.setenv("HOME", str(tmp_path.parent))
    monkeypatch.setenv("MVTHEORY_DATA", f"~/{tmp_path.name}")
    assert_same(load("mnist", partial=True).training, training)


@pytest.mark.parametrize("name", SETS)
def test_where_files_are_had_and_how_they_lie_is_said_in_one_line(tmp_path, name):
    with pytest.raises(ValueError, match="is missing") as found:
        load(name, tmp_path)
    message = str(found.value)
    assert "\n" not in message
    assert "https://" in message or "http://" in message
    # What it asks for is what is read.
    write.WRITERS[name](tmp_path)
    (asked,) = {path.name for path in tmp_path.iterdir()}
    assert f"{asked}/" in message


@pytest.mark.parametrize("name", ["cifar-10", "cifar-100", "mnist", "fashion-mnist"])
def test_parts_of_the_published_sets_are_refused_unless_asked_for(tmp_path, name):
    write.WRITERS[name](tmp_path)
    with pytest.raises(ValueError, match=r"holds \d+ of \d+ images .*give partial=True"):
        load(name, tmp_path)
    load(name, tmp_path, partial=True)


# Pickles that would do or hold something else.


class Calls:
    """Calls something when it is read."""

    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call


def spoilt(folder, value):
    write.cifar100(folder)
    write.put(folder / write.HUNDRED / "train", pickle.dumps(value, 4))
    with pytest.raises(ValueError, match=r"^[^\n]*$") as found:
        load("cifar-100", folder, partial=True)
    return str(found.value)


def test_nothing_that_a_pickle_names_is_called(tmp_path, capsys):
    calls = Calls(print, ("called",))
    for value in (calls, {"data": calls}, {"data": [calls]}):
        assert "which is no part of images" in spoilt(tmp_path, value)
        assert not capsys.readouterr().out
    calls = Calls(codecs.encode, ("abc", "rot13"))
    assert "holds a text other than bytes" in spoilt(tmp_path, {"data": calls})


@pytest.mark.parametrize(
    ("value", "held"),
    [
        ([1, 2], "a list in place of a dictionary"),
        ({"data": {1, 2}}, "a set"),
        ({"data": 1.5}, "a float"),
        ({"data": None}, "a NoneType"),
        ({"data": (1,)}, "a tuple"),
        ({"data": [{"more": 1}]}, "a dict"),
        ({"data": [[1], [2, 3]]}, "a list"),
        ({"data": OrderedDict()}, "collections.OrderedDict"),
        ({"data": np.int64(3)}, "numpy.*scalar"),
        ({"data": np.zeros(3)}, "a type of numbers other than bytes"),
        ({"data": np.array([None])}, "a type of numbers other than bytes"),
        ({"data": np.zeros(3, np.int8)}, "a type of numbers other than bytes"),
        ({"data": np.ma.zeros(3, np.uint8)}, "numpy.ma"),
        ({"data": np.ndarray}, "the name of a kind of array"),
    ],
)  # fmt: skip
def test_what_else_a_pickle_holds_is_named(tmp_path, value, held):
    message = spoilt(tmp_path, value)
    assert re.search(f"holds {held}.*, which is no part of images; get", message)


def test_a_pickle_cannot_change_what_reads_it(tmp_path):
    """Its BUILD sets attributes where there are some; by hand, for no object is pickled so."""
    write.cifar100(tmp_path)
    train = tmp_path / write.HUNDRED / "train"
    training, _ = write.cifar100(tmp_path)
    for name in (b"numpy\ndtype\n", b"numpy\nndarray\n", b"_codecs\nencode\n"):
        write.put(train, b"\x80\x02c" + name + b"N}U\x04whatU\x05arrays\x86b.")
        with pytest.raises(ValueError, match=r"is no part of images|is cut short"):
            load("cifar-100", tmp_path, partial=True)
    write.cifar100(tmp_path)
    assert_same(load("cifar-100", tmp_path, partial=True).training, training)


# Files that are spoilt in any way.


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    for name, writer in write.WRITERS.items():
        writer(folder / name)
    write.mnist(folder / "packed", packed=True)
    return folder


@given(data=st.data())
def test_spoilt_files_are_read_or_refused_in_a_line(whole, data):
    """One byte changed, or the end cut off, anywhere in any file of any set."""
    place = data.draw(st.sampled_from(sorted(path.name for path in whole.iterdir())))
    name = "mnist" if place == "packed" else place
    path = data.draw(st.sampled_from(sorted(p for p in (whole / place).rglob("*") if p.is_file())))
    content = path.read_bytes()
    # Heads and ends decide more than pixels do.
    near = st.integers(0, min(300, len(content) - 1))
    at = data.draw(near | near.map(lambda n: len(content) - 1 - n) | st.just(len(content) // 2))
    cut = data.draw(st.booleans())
    byte = bytes([data.draw(st.integers(0, 255))])
    before = load(name, whole / place, partial=True)
    path.write_bytes(content[:at] if cut else content[:at] + byte + content[at + 1 :])
    message = f"{whole} was read"
    try:
        found = load(name, whole / place, partial=True)
    except ValueError as error:
        message = str(error)
    else:
        # An image lacks nothing without the checks at its end.
        assert not cut or path.suffix == ".png"
        if cut:
            assert_same(found.training, before.training)
            assert_same(found.test, before.test)
        for part in (found.training, found.test):
            assert part.pixels.dtype == np.uint8
            assert len(part.pixels) == len(part.labels)
            assert 0 <= part.labels.min() <= part.labels.max() < len(found.classes)
    finally:
        path.write_bytes(content)
    assert str(whole) in message
    assert "\n" not in message


@pytest.mark.parametrize("name", ["cifar-10", "cifar-100", "mnist", "own.npz"])
def test_every_file_is_missed(whole, tmp_path, name):
    for path in [p for p in (whole / name).rglob("*") if p.is_file()]:
        folder = tmp_path / path.name
        shutil.copytree(whole / name, folder)
        lost = folder / path.relative_to(whole / name)
        lost.unlink()
        with pytest.raises(ValueError, match=f"{lost} is missing"):
            load(name, folder, partial=True)
        lost.mkdir()
        with pytest.raises(ValueError, match=f"{lost} cannot be read"):
            load(name, folder, partial=True)


def test_pillow_is_loaded_for_omniglot_alone(tmp_path):
    write.mnist(tmp_path)
    code = (
        f"import sys; from validation.data import load; load('mnist', {str(tmp_path)!r}, "
        "partial=True); print(*sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"PIL", "torch", "torchvision", "sklearn"} & set(run.stdout.split())
