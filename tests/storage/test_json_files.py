"""JSON that is none, or that nobody should trust, is refused in one line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from saccade.errors import DamagedFileError, UserInputError
from saccade.storage import json_files
from saccade.storage.json_files import plain_json, read_json, write_json


def test_what_is_written_is_read(tmp_path: Path):
    content = {"π": [1, 2.5e-300, None, True], "state": 2**128 - 1, "negative": -(2**127)}
    write_json(tmp_path / "a.json", content)
    assert read_json(tmp_path / "a.json") == content
    assert plain_json({"pair": (1, 2)}, "configuration") == {"pair": [1, 2]}
    with pytest.raises(UserInputError, match="the configuration cannot be written as JSON"):
        plain_json({"a": float("nan")}, "configuration")


def test_a_byte_order_mark_is_no_damage(tmp_path: Path):
    (tmp_path / "a.json").write_bytes(b'\xef\xbb\xbf{"fx": 1}')
    assert read_json(tmp_path / "a.json") == {"fx": 1}


REFUSED = [
    (b"", "not valid JSON"),
    (b"{", "not valid JSON"),
    (b"\xff\xfe{\x00}\x00", "not valid JSON"),
    (b'"\xff"', "not valid JSON"),
    (b"[" * 100_000, "nested too deeply"),
    (b'{"a":' * 100_000, "nested too deeply"),
    (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
    (b"[NaN]", "NaN is no number"),
    (b"[-Infinity]", "-Infinity is no number"),
    (b"[1e999]", "1e999 is too large a number"),
    (b"[" + b"9" * 400 + b"]", "9999999999... is a number of 400 digits"),
    (b"[-" + b"9" * 5000 + b"]", "number of 5001 digits"),
]


@pytest.mark.parametrize(("content", "message"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_plain_json_is_refused(content: bytes, message: str, tmp_path: Path):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(DamagedFileError, match=message) as caught:
        read_json(tmp_path / "a.json")
    assert "a.json" in str(caught.value) and "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_what_is_no_file_is_not_opened(tmp_path: Path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero"), tmp_path / "none"):
        with pytest.raises(DamagedFileError, match="cannot read"):
            read_json(path)
    monkeypatch.setattr(json_files, "MOST_BYTES", 10)
    (tmp_path / "a.json").write_text(f'"{"a" * 9}"')
    with pytest.raises(DamagedFileError, match="has 11 bytes; expected at most 10"):
        read_json(tmp_path / "a.json")
