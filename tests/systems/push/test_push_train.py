"""The whole training, at its smallest: what is stopped or killed and resumed ends the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from interruptions import assert_same_files, kill_between_steps, left_by, stop_after, tree
from saccade.data.push_episodes import PushDataset
from saccade.errors import TrainingDivergedError, UserInputError
from saccade.networks.hourglass import HourglassConfig
from saccade.systems.push import train_value
from saccade.systems.push.config import Network, PushConfig
from saccade.systems.push.map_samples import map_samples
from saccade.systems.push.presets import PRESETS
from saccade.systems.push.train import stage_seed, start_run, train
from saccade.systems.push.train_mask import choose_threshold, load_curves, train_mask
from saccade.systems.push.weights import load_mask, load_policy
from saccade.training import fit as fit_module
from saccade.training.fit import Stopped, open_session
from saccade.training.metrics import read_metrics
from saccade.training.run import Run
from saccade.verbs.lookup import find_weights
from tiny_push import HOURGLASS, block_map, tiny_config

GLIMPSE = tiny_config("glimpse", "learned")
HOURGLASS_TD = tiny_config("hourglass", "learned", gamma=0.4)
CONFIGS = {"glimpse": GLIMPSE, "hourglass": HOURGLASS_TD}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Run]:
    """Uninterrupted runs, one a configuration."""
    done: dict[str, Run] = {}

    def of(name: str) -> Run:
        if name not in done:
            run = start_run(tmp_path_factory.mktemp(name) / "run", CONFIGS[name], seed=1)
            train(run, CONFIGS[name], workers=1)
            done[name] = run
        return done[name]

    return of


def assert_equal(run: Run, expected: Run) -> None:
    assert_same_files(run, expected)
    for stage in ("random", "mask-test", "online-000"):
        first = PushDataset(run.folder / "data" / stage)
        second = PushDataset(expected.folder / "data" / stage)
        for a, b in zip(first, second, strict=True):
            assert a.heightmaps == b.heightmaps
            np.testing.assert_array_equal(a.actions, b.actions)


def test_stopped_and_resumed_equals_uninterrupted(
    whole: Callable[[str], Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the papers' network; that of GlimpseQ is in the conformance suite."""
    expected = whole("hourglass")
    run = start_run(tmp_path / "run", HOURGLASS_TD, seed=1)
    monkeypatch.setattr(fit_module, "GracefulStop", stop_after(9))
    stops = 0
    while True:
        try:
            train(run, HOURGLASS_TD, workers=1)
            break
        except Stopped:
            stops += 1
            assert stops < 20
    assert stops >= 2
    assert_equal(run, expected)


def test_killed_and_resumed_equals_uninterrupted(
    whole: Callable[[str], Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill at the n-th gradient step of a sitting, between checkpoints."""
    expected = whole("hourglass")
    run = start_run(tmp_path / "run", HOURGLASS_TD, seed=1)
    kill_between_steps(lambda: train(run, HOURGLASS_TD, workers=1), (1, 4, 3, 3, 2), monkeypatch)
    train(run, HOURGLASS_TD, workers=1)
    assert_equal(run, expected)


def test_a_run_tells_what_it_did(whole: Callable[[str], Run]) -> None:
    run = whole("glimpse")
    stages = [line["stage"] for line in read_metrics(run.metrics_file)]
    assert stages == ["mask-heuristic", "mask", "offline", "online-000"]
    assert sorted(p.name for p in (run.folder / "data").iterdir()) == [
        "mask-test", "online-000", "online-000-policy", "random",
    ]  # fmt: skip
    sources = {s for e in PushDataset(run.folder / "data" / "online-000") for s in e.source}
    assert sources == {"policy"}
    policy = load_policy(run.folder)
    assert policy.config == GLIMPSE
    assert policy.act(block_map()) == load_policy(run.folder).act(block_map())


def test_training_a_finished_run_again_changes_nothing(whole: Callable[[str], Run]) -> None:
    run = whole("hourglass")
    before = tree(run.folder)
    train(run, HOURGLASS_TD, workers=1)
    assert left_by(run) == {n: c for n, c in before.items() if n in left_by(run)}


def test_online_rounds_act_with_the_newest_policy(whole: Callable[[str], Run]) -> None:
    run = whole("glimpse")
    acting = load_policy(run.folder / "data" / "online-000-policy")
    offline = fit_module.load_checkpoint(run.folder / "checkpoints" / "offline").model_state
    assert torch.equal(acting._network.head[2].bias, offline["head.2.bias"])  # pyright: ignore[reportAttributeAccessIssue]
    newest = load_policy(run.folder)._network.head[2].bias  # pyright: ignore[reportAttributeAccessIssue]
    assert not torch.equal(newest, offline["head.2.bias"])


def test_a_nan_stops_the_training_and_keeps_what_was_learned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(GLIMPSE, mask=replace(GLIMPSE.mask, kind="edge"))
    run = start_run(tmp_path / "run", config, seed=1)
    calls = iter(range(100))
    original = train_value.gains_and_losses

    def poisoned(*args: Any) -> Any:
        gain, lost = original(*args)
        return (gain * np.nan if next(calls) == 3 else gain), lost

    monkeypatch.setattr(train_value, "gains_and_losses", poisoned)
    with pytest.raises(TrainingDivergedError, match=r"step 3, batch pushes \[\d+, \d+, \d+\]"):
        train(run, config, workers=1)
    kept = fit_module.load_checkpoint(run.folder / "checkpoints" / "offline")
    assert kept.training_state["step"] == 2
    assert len(PushDataset(run.folder / "data" / "random")) == 3


@pytest.mark.parametrize("network", ["hourglass-pos", "densenet", "densenet-rotate"])
def test_every_network_trains(recorded: Path, tmp_path: Path, network: Network) -> None:
    """On recorded data, without a mask, with the kernel loss and oversampling."""
    config = tiny_config(network, "none")
    config = replace(
        config,
        data=replace(config.data, reuse=(str(recorded),)),
        offline=replace(config.offline, steps=2, kernel_sigma=2.0, oversample=0.5),
        online=replace(config.online, rounds=0),
    )
    run = start_run(tmp_path / "run", config, seed=0)
    weights = train(run, config, workers=1)
    assert load_policy(weights).act(block_map()) is not None
    assert not (run.folder / "data" / "random").exists()


def test_a_mask_trained_elsewhere_may_have_another_size(
    whole: Callable[[str], Run], recorded: Path, tmp_path: Path
) -> None:
    """The paper's networks with the shipped mask, say."""
    other = replace(HOURGLASS, stem_width=6, width=(6, 8))
    config = replace(
        GLIMPSE,
        mask=replace(GLIMPSE.mask, network=other, weights=str(whole("glimpse").folder)),
        data=replace(GLIMPSE.data, reuse=(str(recorded),)),
        offline=replace(GLIMPSE.offline, steps=1),
        online=replace(GLIMPSE.online, rounds=0),
    )
    run = start_run(tmp_path / "run", config, seed=0)
    policy = load_policy(train(run, config, workers=1))
    mask, threshold, _ = load_mask(whole("glimpse").folder)
    assert policy.attention.threshold == threshold
    expected = mask.eval()(torch.from_numpy(block_map())[None, None]).sigmoid()[0]
    np.testing.assert_allclose(
        policy.attention.probability(block_map()), expected.detach().numpy(), atol=1e-5
    )


def test_the_shipped_weights_are_trained_further(tmp_path: Path) -> None:
    config = PRESETS["cylinders"]()
    online = replace(config.online, rounds=1, episodes=1, pushes=2, steps=1, batch=2)
    config = replace(config, online=online, world=GLIMPSE.world, policy=GLIMPSE.policy)
    run = start_run(tmp_path / "run", config, seed=0)
    weights, shipped = train(run, config, workers=1), find_weights("push")
    assert (weights / "mask_curves.json").read_bytes() == (
        shipped / "mask_curves.json"
    ).read_bytes()
    new, old = load_file(weights / "model.safetensors"), load_file(shipped / "model.safetensors")
    assert new.keys() == old.keys()
    changed = {name for name in new if not torch.equal(new[name], old[name])}
    assert changed and all(name.startswith("value.") for name in changed)
    learned = [n for n in changed if not n.endswith(("running_mean", "running_var", "tracked"))]
    assert learned and all(
        torch.allclose(new[name], old[name], atol=2 * online.learning_rate) for name in learned
    )


def test_the_mask_learns_what_changes_the_scene(recorded: Path, tmp_path: Path) -> None:
    """Overfitted to three episodes, it tells the pushes that changed something from the others."""
    samples = map_samples(PushDataset(recorded), (0.0, 0.0))
    network = HourglassConfig(
        out_channels=16, stem_width=8, stem_kernel=5, stem_stride=2, front_widths=(), width=8,
        levels=2, encoder_blocks=1, bottleneck_blocks=1, skip_blocks=1, decoder_blocks=0,
        block="basic", padding="zeros", head_kernel=1, head_hidden=0,
    )  # fmt: skip
    config = replace(
        GLIMPSE.mask, network=network, heuristic_steps=1, refine_steps=40, batch=8,
        learning_rate=0.02,
    )  # fmt: skip
    truth = samples.changed >= config.changed_pixels
    assert 0 < truth.sum() < len(truth)
    run = Run.create(tmp_path / "run", {}, seed=0)
    with open_session(run) as session:
        mask = train_mask(session, config, samples, 0, "float32")
        threshold = choose_threshold(session, mask, config, samples)
    with torch.no_grad():
        logits = mask(samples.maps(np.arange(len(samples))))
    rows, cols, k = samples.actions.T
    scores = logits[np.arange(len(k)), k, rows, cols].sigmoid().numpy()
    assert scores[truth].min() > scores[~truth].max()
    # the threshold separates the two
    assert (np.round(scores, 3) >= threshold).tolist() == truth.tolist()
    before, after = load_curves(run.folder).values()
    assert after.best_threshold == threshold and len(before.threshold) > 1


def test_a_threshold_that_is_given_is_kept(recorded: Path, tmp_path: Path) -> None:
    samples = map_samples(PushDataset(recorded), (0.0, 0.0))
    config = replace(GLIMPSE.mask, threshold=0.14)
    run = Run.create(tmp_path / "run", {}, seed=0)
    with open_session(run) as session:
        mask = train_mask(session, config, samples, 0, "float32")
        assert choose_threshold(session, mask, config, samples) == 0.14


def test_a_mask_needs_pushes_to_learn_from(tmp_path: Path) -> None:
    config = replace(GLIMPSE, data=replace(GLIMPSE.data, episodes=0))
    run = start_run(tmp_path / "run", config, seed=0)
    with pytest.raises(UserInputError, match=r"given no pushes; expected data.episodes"):
        train(run, config, workers=1)


def test_stages_and_runs_draw_other_scenarios() -> None:
    stages = ["random", *(f"online-{i:03d}" for i in range(200))]
    seeds = {stage_seed(run, stage) for run in range(3) for stage in stages}
    assert len(seeds) == 3 * len(stages)


def test_a_runs_configuration_is_written_down(tmp_path: Path) -> None:
    run = start_run(tmp_path / "run", GLIMPSE, seed=3)
    assert run.config["system"] == "push" and run.seed == 3
    from saccade.training.plain import from_plain

    assert from_plain(PushConfig, Run.open(run.folder).config["config"], "c") == GLIMPSE
