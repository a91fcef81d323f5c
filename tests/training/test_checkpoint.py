"""Exactness of what comes back, survival of the previous checkpoint, clear messages for damage."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from saccade.errors import DamagedFileError, StorageError, UserInputError
from saccade.training.checkpoint import (
    load_checkpoint,
    load_weights,
    save_checkpoint,
    save_weights,
)
from saccade.training.generators import capture_generators, restore_generators


class Loop:
    """A small training loop that uses everything a checkpoint must carry."""

    def __init__(self, optimiser: str) -> None:
        torch.manual_seed(1)
        self.network = nn.Sequential(
            nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.3), nn.ReLU()
        )
        self.network = self.network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        if optimiser == "adam":
            self.optimiser = torch.optim.Adam(self.network.parameters(), 1e-2, amsgrad=True)
        else:
            self.optimiser = torch.optim.SGD(self.network.parameters(), 1e-2, momentum=0.9)
        self.generators: dict[str, Any] = {
            "pcg": np.random.default_rng(2),
            "mt": np.random.Generator(np.random.MT19937(3)),
            "torch": torch.Generator().manual_seed(4),
        }

    def train(self, steps: int) -> None:
        for _ in range(steps):
            target = self.generators["pcg"].normal() + self.generators["mt"].normal()
            batch = torch.randn(3, 2, 6, 6, generator=self.generators["torch"])
            loss = (self.network(batch) - target).square().mean()
            self.optimiser.zero_grad()
            loss.backward()
            self.optimiser.step()

    def save(self, folder: Path) -> None:
        state = {
            "optimiser": self.optimiser.state_dict(),
            "generators": capture_generators(self.generators),
            "step": 3,
        }
        save_checkpoint(folder, self.network.state_dict(), {"name": "loop"}, state)

    def load(self, folder: Path) -> None:
        checkpoint = load_checkpoint(folder)
        self.network.load_state_dict(checkpoint.model_state)
        self.optimiser.load_state_dict(checkpoint.training_state["optimiser"])
        restore_generators(checkpoint.training_state["generators"], self.generators)


@pytest.mark.parametrize("optimiser", ["adam", "sgd"])
def test_resumed_equals_uninterrupted_bit_for_bit(optimiser: str, tmp_path: Path):
    uninterrupted = Loop(optimiser)
    uninterrupted.train(3)
    uninterrupted.save(tmp_path / "checkpoint")
    uninterrupted.train(4)

    resumed = Loop(optimiser)
    resumed.train(1)  # Everything differs from the checkpoint before it is loaded.
    resumed.load(tmp_path / "checkpoint")
    resumed.train(4)

    assert_same(resumed.network.state_dict(), uninterrupted.network.state_dict())
    assert_same(resumed.optimiser.state_dict(), uninterrupted.optimiser.state_dict())


def assert_same(left: Any, right: Any) -> None:
    assert type(left) is type(right)
    if isinstance(left, Tensor):
        assert left.dtype == right.dtype
        assert torch.equal(left, right)
    elif isinstance(left, np.ndarray):
        assert left.dtype == right.dtype
        assert np.array_equal(left, right, equal_nan=True)
    elif isinstance(left, dict):
        assert list(left) == list(right)
        for key in left:
            assert_same(left[key], right[key])
    elif isinstance(left, list | tuple):
        assert len(left) == len(right)
        for one, other in zip(left, right, strict=True):
            assert_same(one, other)
    else:
        assert left == right or (left != left and right != right)


def test_nested_state_keeps_types_and_bits(tmp_path: Path):
    state = {
        "big": 2**127 + 1,
        "floats": [0.1, float("inf"), float("-inf"), float("nan"), 5e-324],
        "tuple": (1, (None, True), []),
        "keys": {3: "int", "3": "str"},
        "$dict": {"$tensor": "a user's key that looks like ours"},
        "arrays": {"bool": np.eye(2, dtype=bool), "scalar": np.array(3.5, np.float32)},
        "uints": np.arange(3, dtype=np.uint32),
        "empty": torch.zeros(0, 3),
        "half": torch.tensor([1.5, float("nan")]).to(torch.bfloat16).nan_to_num(2.0),
        "zero_d": torch.tensor(7, dtype=torch.int64),
        "strided": torch.arange(12.0).reshape(3, 4).T,
    }
    save_checkpoint(tmp_path / "c", {}, {}, state)
    assert_same(load_checkpoint(tmp_path / "c").training_state, state)


def test_channels_last_tensors_stay_channels_last(tmp_path: Path):
    moment = torch.randn(2, 3, 4, 4).contiguous(memory_format=torch.channels_last)
    save_checkpoint(tmp_path / "c", {}, {}, {"moment": moment})
    assert load_checkpoint(tmp_path / "c").training_state["moment"].stride() == moment.stride()


def test_weights_alone(tmp_path: Path):
    tied = torch.arange(4.0)
    save_weights(tmp_path / "w", {"a": tied, "b": tied}, {"size": [224, 224], "mean": 0.25})
    weights = load_weights(tmp_path / "w")
    assert_same(weights.model_state, {"a": tied, "b": tied})
    assert weights.config == {"size": [224, 224], "mean": 0.25}
    with pytest.raises(UserInputError, match="training cannot continue"):
        load_checkpoint(tmp_path / "w")


@pytest.mark.parametrize("failing_write", [0, 1, 2, 3])
def test_a_full_disk_keeps_the_previous_checkpoint(
    failing_write: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "c"
    save_checkpoint(folder, {"w": torch.ones(2)}, {"n": 1}, {"step": 1})
    writes = 0

    def full(descriptor: int) -> None:
        nonlocal writes
        writes += 1
        if writes > failing_write:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        StorageError, match="No space left on device; what was there before is intact"
    ):
        save_checkpoint(folder, {"w": torch.zeros(2)}, {"n": 2}, {"step": 2})
    monkeypatch.undo()
    kept = load_checkpoint(folder)
    assert kept.training_state == {"step": 1}
    assert torch.equal(kept.model_state["w"], torch.ones(2))
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


class Killed(BaseException):
    """Stands for SIGKILL: no handler of ours may run code that matters after it."""


@pytest.mark.parametrize("rename", [1, 2])
def test_a_kill_between_the_renames_leaves_one_good_checkpoint(
    rename: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "c"
    save_checkpoint(folder, {}, {}, {"step": 1})
    renames = 0
    original = Path.rename

    def kill_after(self: Path, target: Path) -> Path:
        nonlocal renames
        result = original(self, target)
        renames += 1
        if renames == rename:
            raise Killed
        return result

    monkeypatch.setattr(Path, "rename", kill_after)
    with pytest.raises(Killed):
        save_checkpoint(folder, {}, {}, {"step": 2})
    monkeypatch.undo()
    assert load_checkpoint(folder).training_state["step"] == rename
    save_checkpoint(folder, {}, {}, {"step": 3})
    assert load_checkpoint(folder).training_state["step"] == 3
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


FILES = [
    "model.safetensors",
    "config.json",
    "training_state/tensors.safetensors",
    "training_state/state.json",
]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "noise"])
def test_damage_is_named_with_its_file(name: str, damage: str, tmp_path: Path):
    Loop("adam").save(tmp_path / "c")
    file = tmp_path / "c" / name
    content = file.read_bytes()
    if damage == "missing":
        file.unlink()
    else:
        middle = len(content) // 2
        broken = {"empty": b"", "cut": content[:middle], "noise": b"\xff" * 50 + content[50:]}
        file.write_bytes(broken[damage])
    with pytest.raises(DamagedFileError) as caught:
        load_checkpoint(tmp_path / "c")
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_one_flipped_bit_in_the_weights_is_noticed(tmp_path: Path):
    save_weights(tmp_path / "w", {"a": torch.zeros(100)}, {})
    file = tmp_path / "w" / "model.safetensors"
    content = bytearray(file.read_bytes())
    content[-10] ^= 1
    file.write_bytes(bytes(content))
    with pytest.raises(DamagedFileError, match="do not match their checksum"):
        load_weights(tmp_path / "w")


def test_a_missing_folder_and_an_unstorable_object_are_explained(tmp_path: Path):
    with pytest.raises(UserInputError, match=r"no checkpoint at .*nothing"):
        load_checkpoint(tmp_path / "nothing")
    with pytest.raises(UserInputError, match=r"state\.replay is a set"):
        save_checkpoint(tmp_path / "c", {}, {}, {"replay": {1, 2}})
    with pytest.raises(UserInputError, match="cannot be written as JSON"):
        save_weights(tmp_path / "c", {}, {"path": Path("x")})
    assert list(tmp_path.iterdir()) == []


def test_a_missing_random_state_is_named(tmp_path: Path):
    states = capture_generators({})
    with pytest.raises(
        DamagedFileError, match=r"no random state 'explore'; it holds: torch\.global"
    ):
        restore_generators(states, {"explore": np.random.default_rng(0)})
