from __future__ import annotations

import json
import resource
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
from torch import nn

from saccade.errors import DamagedFileError, UserInputError
from saccade.systems.push.attention import Attention
from saccade.systems.push.config import NETWORKS, MaskKind, Network, PushConfig
from saccade.systems.push.glimpse_q import GlimpseQ
from saccade.systems.push.model import PushMask, build_reward_network
from saccade.systems.push.policy import GlimpsePolicy, PushPolicy, QMapPolicy
from saccade.systems.push.weights import load, load_mask, load_policy, save_policy
from tiny_push import HOURGLASS, block_map, tiny_config


def networks(config: PushConfig) -> tuple[PushMask | None, nn.Module]:
    """Networks whose norms have statistics, so that folding them is put to the test."""
    torch.manual_seed(2)
    mask = PushMask(config.mask.network) if config.mask.kind == "learned" else None
    value = (
        GlimpseQ(config.glimpse) if config.network == "glimpse" else build_reward_network(config)
    )
    for network in filter(None, (mask, value)):
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.normal_(0, 0.1)  # pyright: ignore[reportOptionalMemberAccess]
                module.running_var.uniform_(0.5, 2)  # pyright: ignore[reportOptionalMemberAccess]
                nn.init.uniform_(module.weight, 0.5, 1.5)
                nn.init.normal_(module.bias, 0, 0.1)
        network.eval()
    return mask, value


def policy_of(config: PushConfig, mask: PushMask | None, value: nn.Module) -> PushPolicy:
    attention = Attention(config, mask, 0.3)
    if isinstance(value, GlimpseQ):
        return GlimpsePolicy(config, attention, value)
    return QMapPolicy(config, attention, value)


@pytest.mark.parametrize("mask", get_args(MaskKind))
@pytest.mark.parametrize("network", ["glimpse", "hourglass", "densenet-rotate"])
def test_a_loaded_policy_decides_as_the_saved_one(
    tmp_path: Path, network: Network, mask: MaskKind
) -> None:
    config = tiny_config(network, mask)
    nets = networks(config)
    save_policy(tmp_path / "w", config, nets[0], 0.3, nets[1], {"hours": 1.5})
    before, after = policy_of(config, *nets), load_policy(tmp_path / "w")
    assert after.config == config and after.attention.threshold == 0.3
    one, two = before.decide(block_map()), after.decide(block_map())
    assert one.mask is not None and two.mask is not None and one.q is not None
    np.testing.assert_array_equal(two.mask, one.mask)
    np.testing.assert_allclose(two.q, one.q, atol=2e-4, rtol=1e-3)
    assert two.push == one.push or two.push.value == pytest.approx(one.push.value, rel=1e-3)
    assert json.loads((tmp_path / "w" / "config.json").read_text())["hours"] == 1.5


def saved(folder: Path, network: Network = "glimpse", mask: MaskKind = "learned") -> Path:
    config = tiny_config(network, mask)
    nets = networks(config)
    save_policy(folder, config, nets[0], 0.3, nets[1])
    return folder


def test_a_run_is_found_by_its_folder(tmp_path: Path) -> None:
    saved(tmp_path / "weights")
    (tmp_path / "run.json").write_text("{}")
    assert load(tmp_path).act(block_map()) == load(tmp_path / "weights").act(block_map())
    # a kill between the two renames of a replacement
    (tmp_path / "weights").rename(tmp_path / ".weights.old")
    assert load(tmp_path).act(block_map()) is not None


def test_a_run_without_weights_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(UserInputError, match="no weights yet; .*--resume"):
        load_policy(tmp_path)


def test_a_mask_is_taken_from_a_policy(tmp_path: Path) -> None:
    mask, threshold, _ = load_mask(saved(tmp_path / "w"))
    assert threshold == 0.3 and mask.hourglass.config == HOURGLASS
    with pytest.raises(UserInputError, match="holds no PushMask"):
        load_mask(saved(tmp_path / "edge", mask="edge"))


def edit_config(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize(
    "damage", ["bit", "threshold", "misfit", "other network"],
)  # fmt: skip
def test_damaged_weights_are_refused_in_one_line(tmp_path: Path, damage: str) -> None:
    folder = saved(tmp_path / "w")
    model, config = folder / "model.safetensors", folder / "config.json"
    whole = model.read_bytes()
    plain = json.loads(config.read_text())["config"]
    match damage:
        case "bit":
            model.write_bytes(whole[:-5] + bytes([whole[-5] ^ 1]) + whole[-4:])
        case "threshold":
            edit_config(folder, threshold="high")
        case "misfit":
            edit_config(folder, config=plain | {"glimpse": plain["glimpse"] | {"hidden": 9}})
        case "other network":
            edit_config(folder, config=plain | {"network": "hourglass"})
    with pytest.raises(DamagedFileError) as caught:
        load_policy(folder)
    assert "\n" not in str(caught.value) and str(folder) in str(caught.value)


SIZES: dict[str, tuple[str, dict[str, Any]]] = {
    "a thousand million levels": ("hourglass", {"levels": 10**9}),
    "a million blocks": ("hourglass", {"skip_blocks": 10**6}),
    "ten thousand dense blocks": ("densenet", {"blocks": [1] * 10**4}),
    "a wide kernel": ("hourglass", {"stem_kernel": 10**6 + 1}),
    "no channels": ("hourglass", {"front_widths": [0]}),
    "40 GB": ("hourglass", {"width": 8192, "encoder_blocks": 60}),
    "a large glimpse": ("glimpse", {"glimpse": {"height": 10**9}}),
    "a small glimpse": ("glimpse", {"glimpse": {"height": 2}}),
    "pixels of nothing": ("glimpse", {"glimpse": {"pixel": 0.0}}),
    "a text": ("glimpse", {"hidden": "many"}),
    "a truth value": ("glimpse", {"hidden": True}),
    "too few widths": ("glimpse", {"widths": [2, 2, 3]}),
    "many candidates": ("policy", {"candidates": 10**9}),
    "no step": ("world", {"scene": {"timestep": 0}}),
}


@pytest.mark.parametrize("name", SIZES)
def test_settings_of_absurd_sizes_cost_neither_time_nor_memory(tmp_path: Path, name: str) -> None:
    (tmp_path / "w").mkdir()
    folder, (part, changes) = saved(tmp_path / "w"), SIZES[name]
    plain = json.loads((folder / "config.json").read_text())["config"]
    network = part if part in ("hourglass", "densenet") else "glimpse"
    edit_config(folder, config=plain | {"network": network, part: plain[part] | changes})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DamagedFileError) as caught:
        load_policy(folder)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB
    assert "\n" not in str(caught.value) and str(folder) in str(caught.value)
    assert len(str(caught.value)) < 500


def test_every_network_has_a_policy() -> None:
    assert set(NETWORKS) == set(get_args(Network))
