"""Scenario files: exact round trips, and one clear line for each damaged one."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from full_disk import REFUSAL, files_of_at_most
from push_scenes import block, scenario
from saccade.errors import DamagedFileError, StorageError, UserInputError
from saccade.worlds.scenarios import (
    Block,
    Scenario,
    check_count,
    list_scenarios,
    load_scenario,
    save_scenario,
    save_scenarios,
)
from saccade.worlds.shapes import COLOURS, SHAPES

metres = st.floats(-5, 5, allow_subnormal=True)


@given(
    shape=st.sampled_from(list(SHAPES)),
    colour=st.sampled_from(list(COLOURS)),
    position=st.tuples(metres, metres, metres),
    angle=st.floats(-math.pi, math.pi),
    seed=st.none() | st.integers(0, 2**63),
)
def test_round_trip_is_exact(tmp_path_factory, shape, colour, position, angle, seed) -> None:
    quaternion = (math.cos(angle / 2), 0.0, 0.0, math.sin(angle / 2))
    original = Scenario((Block(shape, colour, position, quaternion),) * 2, seed, redraws=3)
    path = tmp_path_factory.getbasetemp() / "round_trip.json"
    save_scenario(original, path)
    assert load_scenario(path) == original


def test_a_set_is_listed_in_order(tmp_path: Path) -> None:
    drawn = [scenario(block("cube", -0.5, 0.01 * i, 0.025)) for i in range(11)]
    paths = save_scenarios(drawn, tmp_path / "set")
    assert list_scenarios(tmp_path / "set") == paths
    assert [load_scenario(p) for p in paths] == drawn
    assert sorted(p.name for p in (tmp_path / "set").iterdir()) == [p.name for p in paths]


def document(**changes) -> dict:
    entry = {
        "shape": "cube",
        "colour": "red",
        "position": [-0.5, 0.0, 0.725],
        "quaternion": [1.0, 0.0, 0.0, 0.0],
    }
    return {"format": "saccade-scenario-1", "objects": [entry | changes], "seed": 1, "redraws": 0}


DAMAGED = [
    ("", "not valid JSON"),
    ("{", "not valid JSON"),
    ("[" * 100_000, "not valid JSON"),
    ("[1, 2]", 'expected "format": "saccade-scenario-1"'),
    ('{"format": "other"}', 'expected "format"'),
    ('{"format": "saccade-scenario-1"}', "lacks 'objects'"),
    (json.dumps(document() | {"objects": []}), "number of objects is 0; expected 1 to 20"),
    (json.dumps(document() | {"objects": document()["objects"] * 21}), "is 21"),
    (json.dumps(document() | {"objects": [3]}), "damaged"),
    (json.dumps(document() | {"objects": 3}), "damaged"),
    (json.dumps(document() | {"redraws": float("inf")}), "Infinity is no number"),
    (json.dumps(document(shape="ball")), "shape is 'ball'; expected one of prism, arch"),
    (json.dumps(document(colour="puce")), "colour is 'puce'; expected one of blue"),
    (json.dumps(document(position=[0.0, 1.0])), "damaged"),
    (json.dumps(document(position=[0.0, "a", 1.0])), "damaged"),
    (json.dumps(document(position=[0.0, float("nan"), 1.0])), "NaN is no number"),
    (json.dumps(document(quaternion=[0.0, 0.0, 0.0, 0.0])), "of length 1"),
    (json.dumps(document(quaternion=[1.0, 1.0, 0.0, 0.0])), "of length 1"),
    (json.dumps(document(position=[1e308, 0.0, 0.725])), "3 numbers from -10 to 10"),
    (json.dumps(document(position="123")), "expected 3 numbers"),
    (json.dumps(document() | {"seed": True}), "seed is True; expected a whole number"),
    (json.dumps(document() | {"redraws": 10**30}), "redraws is 1000"),
]


@pytest.mark.parametrize(("text", "message"), DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_file_is_refused_with_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "scenario.json"
    path.write_text(text)
    with pytest.raises(DamagedFileError, match=message) as caught:
        load_scenario(path)
    assert "scenario.json" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_binary_file_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "scenario.json"
    with pytest.raises(DamagedFileError, match="cannot read"):
        load_scenario(path)
    path.write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(DamagedFileError, match="not valid JSON"):
        load_scenario(path)


def test_a_write_that_fails_keeps_the_older_file(tmp_path: Path) -> None:
    path = tmp_path / "scenario.json"
    older = scenario(block("cube", -0.5, 0.0, 0.025))
    save_scenario(older, path)

    with files_of_at_most(40), pytest.raises(StorageError, match=REFUSAL):
        save_scenario(scenario(block("plate", -0.5, 0.0, 0.0125)), path)
    assert load_scenario(path) == older


@pytest.mark.parametrize("n", [0, 21, -1])
def test_counts_outside_1_to_20_are_refused(n: int) -> None:
    with pytest.raises(UserInputError, match=f"{n}; expected 1 to 20"):
        check_count(n)
