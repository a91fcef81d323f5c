"""Scenarios: which blocks lie where. A scenario is a small JSON file that replays exactly."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from saccade.checks import check_choice
from saccade.errors import DamagedFileError, UserInputError
from saccade.storage.json_files import read_json, write_json
from saccade.worlds.shapes import COLOURS, SHAPES

FORMAT = "saccade-scenario-1"
MAX_OBJECTS = 20


@dataclass(frozen=True)
class Block:
    """One object at rest.

    Attributes:
        shape: A name of `shapes.SHAPES`.
        colour: A name of `shapes.COLOURS`.
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
        seed: The seed it was drawn from, where there is one.
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
        return Scenario(blocks, None if seed is None else int(seed), int(redraws))
    except UserInputError as error:
        raise DamagedFileError(f"{path} is a damaged scenario: {error}") from error
    except KeyError as error:
        raise DamagedFileError(f"{path} is a damaged scenario: it lacks {error}") from error
    except (TypeError, ValueError, OverflowError) as error:
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
        raise UserInputError(f"object is {entry!r}; expected shape, colour, position, quaternion")
    shape, colour = str(entry["shape"]), str(entry["colour"])
    check_choice("shape", shape, SHAPES)
    check_choice("colour", colour, COLOURS)
    x, y, z = (float(v) for v in entry["position"])
    w, i, j, k = (float(v) for v in entry["quaternion"])
    norm = math.sqrt(w * w + i * i + j * j + k * k)
    if not all(map(math.isfinite, (x, y, z))) or not abs(norm - 1.0) < 1e-3:
        raise UserInputError(
            f"object pose {entry['position']}, {entry['quaternion']} is not a pose"
        )
    return Block(shape, colour, (x, y, z), (w, i, j, k))
