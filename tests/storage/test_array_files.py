"""Arrays are taken only as they were declared, and never more of them than is there."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from saccade.errors import DamagedFileError
from saccade.storage.array_files import ArraySpec, read_npy, read_npz

SPECS = {
    "times": ArraySpec("float64", "t", low=0),
    "poses": ArraySpec("float32", "t+1 n 2", low=-10, high=10, may_be_nan=True),
    "names": ArraySpec("str", "n"),
}
SOUND = {
    "times": np.array([0.0, 1.0]),
    "poses": np.array([[[1, np.nan]], [[3, 4]], [[5, 6]]], np.float32),
    "names": np.array(["a cube"]),
}


def saved(folder: Path, **changes: np.ndarray) -> Path:
    np.savez_compressed(folder / "a.npz", **(SOUND | changes))
    return folder / "a.npz"


def test_arrays_are_read_as_they_were_written(tmp_path: Path) -> None:
    arrays = read_npz(saved(tmp_path), SPECS, {"t": 2})
    assert list(arrays) == list(SPECS)
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, SOUND[name])
        assert array.dtype == SOUND[name].dtype and array.flags.writeable


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"times": np.zeros(2, np.float32)}, "times is of type float32; expected float64"),
        ({"times": np.array([None])}, "times the header says object"),
        ({"times": np.array([-1.0, 0])}, "times has a value -1.0; expected 0 to inf"),
        ({"times": np.array([np.inf, 0])}, "times has a value inf"),
        ({"times": np.array([np.nan, 0])}, "times has a value nan"),
        ({"times": np.zeros(3)}, "times has 3 t; expected at most 2"),
        ({"poses": np.zeros((2, 1, 2), np.float32)}, r"poses has shape \(2, 1, 2\); expected \(t"),
        ({"poses": np.zeros((3, 2), np.float32)}, r"poses has shape \(3, 2\)"),
        ({"poses": np.full((3, 1, 2), np.inf, np.float32)}, "poses has a value inf"),
        ({"poses": np.full((3, 1, 2), 11, np.float32)}, "11.0; expected -10 to 10"),
        ({"names": np.array(["a", "b"])}, r"names has shape \(2,\)"),
        ({"names": np.array(["a" * 201])}, "names is of type <U201; expected str"),
    ],
)
def test_what_is_not_as_declared_is_refused(
    changes: dict[str, np.ndarray], message: str, tmp_path: Path
) -> None:
    path = saved(tmp_path, **changes)
    with pytest.raises(DamagedFileError, match=message) as caught:
        read_npz(path, SPECS, {"t": 2})
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_missing_array_and_another_compression_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", times=SOUND["times"])
    with pytest.raises(DamagedFileError, match="it lacks poses"):
        read_npz(tmp_path / "a.npz", SPECS, {})
    file = io.BytesIO()
    np.save(file, SOUND["times"])
    with zipfile.ZipFile(tmp_path / "b.npz", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("times.npy", file.getvalue())
    with pytest.raises(DamagedFileError, match="a way that NumPy does not write"):
        read_npz(tmp_path / "b.npz", SPECS, {})


def test_a_header_that_promises_more_than_is_there_allocates_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    with path.open("wb") as file:
        header = {"descr": "<f8", "fortran_order": False, "shape": (10**9, 10**9)}
        np.lib.format.write_array_header_1_0(file, header)
        file.write(bytes(100))
    with pytest.raises(DamagedFileError, match="takes 8,000,000,000,000,000,000 bytes, and 100"):
        read_npy(path)
    with pytest.raises(DamagedFileError, match="bytes; expected at most 10"):
        read_npy(path, most_bytes=10)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("mode", [None, "r"])
def test_a_lone_array_keeps_its_order(order: str, mode: str | None, tmp_path: Path) -> None:
    array = np.asarray(np.arange(6.0).reshape(2, 3), order=order)  # pyright: ignore
    np.save(tmp_path / "a.npy", array)
    again = read_npy(tmp_path / "a.npy", mode=mode)  # pyright: ignore[reportArgumentType]
    np.testing.assert_array_equal(again, array)
    assert again.flags.f_contiguous == (order == "F")
