"""A camera file of somebody else's making: read, or refused in one short line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from saccade.data.depth_camera import read_camera
from saccade.errors import SaccadeError

POSE = [[1.0, 0, 0, 0], [0, -1, 0, 0], [0, 0, -1, 1.5], [0, 0, 0, 1]]
CAMERA: dict[str, Any] = {"fx": 600.0, "fy": 601, "cx": 320, "cy": 240, "T_world_camera": POSE}
LONG = "9" * 400
DEEP = "[" * 100_000 + "]" * 100_000


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "camera.json"
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_byte_order_mark_changes_nothing(tmp_path: Path, encoding: str) -> None:
    camera = read_camera(written(tmp_path, json.dumps(CAMERA), encoding))
    assert (camera.intrinsics.fx, camera.intrinsics.fy) == (600.0, 601.0)
    np.testing.assert_array_equal(camera.T_world_camera, POSE)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (DEEP, ""),
        (json.dumps(CAMERA).replace("600.0", DEEP), ""),
        (json.dumps(CAMERA).replace("600.0", LONG), ""),
        (json.dumps(CAMERA).replace("1.5", LONG), ""),
        (json.dumps(CAMERA | {"workspace": {"x_min": int(LONG)}}), ""),
        (json.dumps(CAMERA | {"fx": 1e308}), "intrinsics"),
        (json.dumps(CAMERA | {"workspace": {"x_min": 1e308}}), "within 10 km"),
        (json.dumps(CAMERA | {"workspace": [1] * 10_000}), "workspace is [1, 1"),
        (json.dumps(CAMERA | {"fx": "z" * 10_000}), "expected a finite number"),
        (json.dumps(CAMERA | {"x" * 10_000: 1}), "has unknown xxx"),
        (json.dumps(CAMERA | {"T_world_camera": [POSE] * 1000}), "expected 4 rows"),
    ],
    ids=range(11),
)
def test_what_is_no_camera_is_refused_in_one_short_line(
    tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(SaccadeError) as caught:
        read_camera(written(tmp_path, text))
    message = str(caught.value)
    assert words in message and "\n" not in message and len(message) < 600
