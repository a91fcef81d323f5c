"""Scenarios: which blocks lie where. A scenario is a small JSON file that replays exactly."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from reprlib import repr as brief
from typing import Any

from saccade.checks import check_choice
from saccade.errors import DamagedFileError, UserInputError
from saccade.storage.json_files import read_json, write_json
from saccade.worlds.shapes import COLOURS, SHAPES

FORMAT = "saccade-scenario-1"
MAX_OBJECTS = 20
FARTHEST = 10.0
"""Largest coordinate of a block [m]: a table stands in a room."""
MOST_REDRAWS = 1_000_000
_NORM_WITHIN = 1e-3
"""Largest distance of the length of a quaternion from 1."""


@dataclass(frozen=True)
class Block:
    """One object at rest.

    Attributes:
        shape: Name of `shapes.SHAPES`.
        colour: Name of `shapes.COLOURS`.
        position: Centre of mass in the world [m].
        quaternion: Orientation (w, x, y, z).
    """

    shape: str
    colour: str
    position: tuple[float, float, float]
    quaternion: tuple[float, float, float, float]


@dataclass(frozen=True)
class Scenario:
    """Objects at rest on the table.

    Attributes:
        objects: The blocks.
        seed: Seed that it was drawn from, where there is one.
        redraws: Number of drops that were thrown away first because an object left the table.
    """

    objects: tuple[Block, ...]
    seed: int | None = None
    redraws: int = 0


def save_scenario(scenario: Scenario, path: Path) -> None:
    """Write a scenario as JSON (floats exactly).

    Raises:
        StorageError: The disk refuses; an older file stays as it was.
    """
    document = {"format": FORMAT, **asdict(scenario)}
    write_json(path, document)


def load_scenario(path: Path) -> Scenario:
    """Read a scenario.

    Raises:
        DamagedFileError: The file is missing, is no scenario, or holds impossible values.
    """
    document = read_json(path)
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise DamagedFileError(f'{path} is no scenario: expected "format": "{FORMAT}"')
    try:
        blocks = tuple(_block(entry) for entry in document["objects"])
        check_count(len(blocks))
        seed, redraws = document.get("seed"), document.get("redraws", 0)
        if seed is not None and (type(seed) is not int or seed < 0):
            raise UserInputError(f"seed is {brief(seed)}; expected a whole number, 0 or more")
        if type(redraws) is not int or not 0 <= redraws <= MOST_REDRAWS:
            raise UserInputError(f"redraws is {brief(redraws)}; expected 0 to {MOST_REDRAWS:,}")
        return Scenario(blocks, seed, redraws)
    except UserInputError as error:
        raise DamagedFileError(f"{path} is a damaged scenario: {error}") from error
    except KeyError as error:
        raise DamagedFileError(f"{path} is a damaged scenario: it lacks {error}") from error
    except TypeError as error:
        raise DamagedFileError(f"{path} is a damaged scenario: {error}") from error


def list_scenarios(folder: Path) -> list[Path]:
    """The scenario files of a folder, by name."""
    return sorted(folder.glob("scenario_*.json"))


def save_scenarios(scenarios: Iterable[Scenario], folder: Path) -> list[Path]:
    """Write a scenario set as scenario_000.json, scenario_001.json, ..."""
    paths = []
    for i, scenario in enumerate(scenarios):
        paths.append(folder / f"scenario_{i:03d}.json")
        save_scenario(scenario, paths[-1])
    return paths


def check_count(n: int) -> None:
    """Refuse a number of objects outside 1 to MAX_OBJECTS."""
    if not 1 <= n <= MAX_OBJECTS:
        raise UserInputError(f"number of objects is {n}; expected 1 to {MAX_OBJECTS}")


def _block(entry: object) -> Block:
    if not isinstance(entry, dict):
        raise UserInputError(
            f"object is {brief(entry)}; expected shape, colour, position, quaternion"
        )
    shape, colour = entry["shape"], entry["colour"]
    check_choice("shape", shape, SHAPES)
    check_choice("colour", colour, COLOURS)
    x, y, z = _numbers(entry, "position", 3, FARTHEST)
    w, i, j, k = _numbers(entry, "quaternion", 4, 1 + _NORM_WITHIN)
    if abs(math.hypot(w, i, j, k) - 1.0) >= _NORM_WITHIN:
        raise UserInputError(f"quaternion is {entry['quaternion']}; expected one of length 1")
    return Block(shape, colour, (x, y, z), (w, i, j, k))


def _numbers(entry: dict[str, Any], name: str, count: int, most: float) -> list[float]:
    """So many numbers, of an absolute value of at most `most`."""
    values = entry[name]
    if (
        not isinstance(values, list)
        or len(values) != count
        or not all(type(value) in (int, float) and abs(value) <= most for value in values)
    ):
        raise UserInputError(
            f"{name} is {brief(values)}; expected {count} numbers from {-most:g} to {most:g}"
        )
    return [float(value) for value in values]
