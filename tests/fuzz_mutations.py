"""Damage for the fuzz tests: of bytes, of JSON, of lines of numbers, of arrays' headers."""

from __future__ import annotations

import copy
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

from saccade.data.multi_view.tfrecord import masked_crc

Mutation = Callable[[bytes, np.random.Generator], bytes]

VALUES: tuple[Any, ...] = (
    None, True, False, "", "x", "1", "\x00\x1b[2J", "a" * 3000, -1, 0, 1, 2.5, -0.0, 7, 1e-308,
    1e308, -1e308, 10**9, 10**18, -(10**18), 10**39, 2**63, float("nan"), float("inf"), [], {},
    [[]], [1, 2, 3], {"a": 1}, [0] * 1000, [1e300] * 4, {"$tensor": "none"}, {"$dict": [1]},
)  # fmt: skip
TOKENS = (
    "1e308", "-1e308", "1e39", "nan", "-1", "0", "999999999999", "1" * 400, "", "x", "٣", "1_0",
    "-", "inf", "\x00", "1e-320", "0x10", ",", ";;", "\t", "# ", "2.5", "100000", "1e9", "1e6",
)  # fmt: skip


def bytes_of(data: bytes, rng: np.random.Generator) -> bytes:
    """Flipped, cut, inserted, repeated or spliced bytes, once or a few times."""
    damaged = bytearray(data)
    for _ in range(int(rng.integers(1, 4))):
        at = int(rng.integers(len(damaged) + 1))
        length = int(rng.integers(1, 64))
        match int(rng.integers(6)):
            case 0 if damaged:
                damaged[at % len(damaged)] ^= 1 << int(rng.integers(8))
            case 1:
                del damaged[at:]
            case 2:
                damaged[at:at] = rng.bytes(length)
            case 3:
                del damaged[at : at + length]
            case 4:
                damaged[at : at + length] = bytes([int(rng.choice([0, 0x7F, 0xFF]))]) * length
            case _:
                other = int(rng.integers(len(data) + 1))
                damaged[at:] = data[other:]
    return bytes(damaged)


def json_of(data: bytes, rng: np.random.Generator) -> bytes:
    """JSON with some values of another type or size, keys away or renamed, nested deeply."""
    document = json.loads(data)
    for _ in range(int(rng.integers(1, 4))):
        document = _changed(document, rng)
    text = json.dumps(document)
    if rng.random() < 0.05:  # by hand: Python writes no such thing
        text = text.replace(":", ":" + "[" * 5000, 1)
    if rng.random() < 0.05:
        text = re.sub(r"\d+", "9" * 400, text, count=1)
    return text.encode(errors="surrogatepass")


def _changed(document: Any, rng: np.random.Generator) -> Any:
    places: list[tuple[Any, Any]] = []
    _collect(document, places)
    if not places:
        return _value(rng)
    parent, key = places[int(rng.integers(len(places)))]
    match int(rng.integers(8)):
        case 0:
            del parent[key]
        case 1 if isinstance(parent, dict):
            parent["unknown" * int(rng.integers(1, 99))] = parent.pop(key)
        case 2:
            other, name = places[int(rng.integers(len(places)))]
            parent[key] = copy.deepcopy(other[name])
        case 3 if isinstance(parent, list):
            parent.insert(0, copy.deepcopy(parent[key]))
        case 4:
            deep: Any = parent[key]
            for _ in range(int(rng.choice([1, 50, 200]))):
                deep = [deep]
            parent[key] = deep
        case _:
            parent[key] = _value(rng)
    return document


def _value(rng: np.random.Generator) -> Any:
    return copy.deepcopy(VALUES[int(rng.integers(len(VALUES)))])


def _collect(node: Any, places: list[tuple[Any, Any]]) -> None:
    if not isinstance(node, dict | list):
        return
    keys = list(node) if isinstance(node, dict) else range(len(node))
    for key in keys:
        places.append((node, key))
        _collect(node[key], places)


def json_lines_of(data: bytes, rng: np.random.Generator) -> bytes:
    """One line of several is damaged JSON."""
    lines = data.split(b"\n")
    at = int(rng.integers(len(lines) - 1))
    lines[at] = json_of(lines[at], rng)
    return b"\n".join(lines)


def lines_of(data: bytes, rng: np.random.Generator) -> bytes:
    """Fields of lines replaced, lines away, doubled or exchanged."""
    lines = data.decode().split("\n")
    for _ in range(int(rng.integers(1, 4))):
        at, other = (int(i) for i in rng.integers(len(lines), size=2))
        match int(rng.integers(6)):
            case 0:
                lines[at : at + 1] = []
            case 1:
                lines.insert(at, lines[other])
            case 2:
                lines[at] = lines[other]
            case _:
                fields = re.split(r"([,;= \t]+)", lines[at])
                fields[int(rng.integers(len(fields)))] = str(rng.choice(TOKENS))
                lines[at] = "".join(fields)
        lines = lines or [""]
    return "\n".join(lines).encode()


def npy_of(data: bytes, rng: np.random.Generator) -> bytes:
    """An array with another header, or another array."""
    array = np.load(io.BytesIO(data))
    match int(rng.integers(5)):
        case 0:  # what the header says is not there
            sizes = [int(rng.choice([0, 1, 3, 1000, 10**6, 10**12, -1])) for _ in array.shape]
            return _with_header(data, rng, sizes)
        case 1:
            kinds = (
                ["U9", "S9"] if array.dtype.kind == "U" else ["f2", "f4", "f8", "g", "i8", ">f4"]
            )
            with np.errstate(invalid="ignore"):
                return _saved(array.astype(str(rng.choice(kinds))))
        case 2:
            return _saved(np.array(array.ravel()[: int(rng.integers(array.size + 1))]))
        case 3:
            array = array.copy()
            array.reshape(-1)[:1] = (
                rng.choice([0, 1, 100]) if array.dtype.kind in "biuU" else np.nan
            )
            return _saved(np.asfortranarray(array))
        case _:
            return _with_header(data, rng, list(array.shape))


def _saved(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def _with_header(data: bytes, rng: np.random.Generator, shape: list[int]) -> bytes:
    """The same values under another header, as hostile as headers come."""
    kinds = ("<f4", "|O", "<U1000000", "<f8", ">f4", "|V7", "<U0", "|S0", "<M8[s]", "<c16", "?")
    kind = str(rng.choice(kinds))
    texts = (
        f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {tuple(shape)}, }}",
        "{'descr': [('a', '<f4')], 'fortran_order': True, 'shape': (3,), }",
        "(" * 3000,
        "{'descr': '<f4', 'fortran_order': 1, 'shape': '3'}",
        f"{{'descr': '<f4', 'shape': {tuple(shape)}}}",
    )
    text = texts[int(rng.choice(len(texts), p=[0.6, 0.1, 0.1, 0.1, 0.1]))].encode() + b"\n"
    values = data[10 + int.from_bytes(data[8:10], "little") :]
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + values


def npz_of(data: bytes, rng: np.random.Generator) -> bytes:
    """An archive of which one member is damaged, away, doubled or exchanged, its checksum right."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        names = old.namelist()
        members = {name: old.read(name) for name in names}
    chosen, other = (names[int(i)] for i in rng.integers(len(names), size=2))
    match int(rng.integers(6)):
        case 0:
            del members[chosen]
        case 1:
            members[chosen] = members[other]
        case 2:
            members[chosen] = bytes_of(members[chosen], rng)
        case _:
            members[chosen] = npy_of(members[chosen], rng)
    method = int(rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2]))
    with zipfile.ZipFile(file, "w", method) as new:
        for name, content in members.items():
            new.writestr(name, content)
    return file.getvalue()


def safetensors_of(data: bytes, rng: np.random.Generator) -> bytes:
    """A file of tensors whose header says something else."""
    size = int.from_bytes(data[:8], "little")
    header = json_of(data[8 : 8 + size], rng)
    return len(header).to_bytes(8, "little") + header + data[8 + size :]


def tfrecord_of(data: bytes, rng: np.random.Generator) -> bytes:
    """A file of records of which one's content is damaged, away or doubled, its checksum right."""
    payloads, at = [], 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 8], "little")
        payloads.append(data[at + 12 : at + 12 + size])
        at += size + 16
    chosen = int(rng.integers(len(payloads)))
    match int(rng.integers(8)):
        case 0:
            del payloads[chosen]
        case 1:
            payloads.insert(chosen, payloads[int(rng.integers(len(payloads)))])
        case _:
            payloads[chosen] = bytes_of(payloads[chosen], rng)
    parts = []
    for payload in payloads:
        length = len(payload).to_bytes(8, "little")
        checksums = [masked_crc(part).to_bytes(4, "little") for part in (length, payload)]
        parts += [length, checksums[0], payload, checksums[1]]
    return b"".join(parts)


def png_size_of(data: bytes, rng: np.random.Generator) -> bytes:
    """A picture whose header says another size, its checksum right."""
    sizes = [int(rng.choice([0, 1, 63, 4097, 30_000, 2**20, 2**31 - 1])) for _ in range(2)]
    header = b"IHDR" + b"".join(s.to_bytes(4, "big") for s in sizes) + data[24:29]
    return data[:12] + header + zlib.crc32(header).to_bytes(4, "big") + data[33:]
