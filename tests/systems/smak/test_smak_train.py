"""A training learns, keeps the best weights, and says when an embedding collapses."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from moving_views import moving_store
from saccade.data.multi_view.dataset import MultiViewDataset
from saccade.errors import UserInputError
from saccade.systems.smak import watch as watch_module
from saccade.systems.smak.config import FitConfig, SmakConfig
from saccade.systems.smak.model import EmbeddingNetwork
from saccade.systems.smak.source import divided
from saccade.systems.smak.train import make_descent, start_run, train
from saccade.systems.smak.validation import Best, held_out_error
from saccade.systems.smak.watch import Watch
from saccade.systems.smak.weights import load
from saccade.training.metrics import read_metrics
from saccade.verbs.weights import read_trained


def run_of(config: SmakConfig, folder: Path) -> Path:
    run = start_run(folder, config, 3)
    train(run, config, 1, device="cpu")
    return folder


def test_a_training_learns_and_keeps_what_was_best(
    moving: MultiViewDataset, config: SmakConfig, tmp_path: Path
) -> None:
    config = replace(config, fit=replace(config.fit, steps=60, validate_every=20))
    folder = run_of(config, tmp_path / "run")
    records = read_metrics(folder / "metrics.jsonl")
    losses = [r["loss"] for r in records if "loss" in r]
    errors = {r["step"]: r["alignment_error"] for r in records if "alignment_error" in r}
    assert list(errors) == [0, 20, 40, 60]
    assert losses[-1] < losses[0] - 0.3 and min(errors.values()) < 0.6 * errors[0]
    watched = [r for r in records if "loss" in r]
    assert all(r["below_chance"] == pytest.approx(math.log(8) - r["loss"]) for r in watched)
    assert all(0 <= r["spread"] <= 1 and r["rank"] >= 1 for r in watched)
    facts = read_trained(folder, "smak", SmakConfig).facts
    assert facts["held_out_alignment_error"] == errors[facts["step"]] == min(errors.values())
    kept = held_out_error(load(folder).network, config, divided(moving_store(6), config))
    assert kept == pytest.approx(facts["held_out_alignment_error"])
    assert not (folder / "data").exists()


@pytest.mark.parametrize("kind", ["n-pairs", "triplet", "lifted", "tcc"])
def test_every_loss_can_be_learned(
    moving: MultiViewDataset, config: SmakConfig, tmp_path: Path, kind: str
) -> None:
    loss = replace(config.loss, kind=kind)
    batch = replace(config.batch, pairs=8, sequences=2)
    folder = run_of(replace(config, loss=loss, batch=batch), tmp_path / "run")
    record = read_metrics(folder / "metrics.jsonl")[-2]
    assert math.isfinite(record["loss"])


def test_only_the_first_sequences_are_used(config: SmakConfig) -> None:
    split = divided(moving_store(5), config)
    assert split.learnt.tolist() == [0, 1, 2] and split.held_out.tolist() == [3, 4]
    with pytest.raises(UserInputError, match=r"2 are held out .* expected one or more"):
        divided(moving_store(2), config)
    with pytest.raises(UserInputError, match="fewer than 8 frames"):
        divided(moving_store(5, length=7), config)


def test_a_folder_without_sequences_starts_no_run(config: SmakConfig, tmp_path: Path) -> None:
    with pytest.raises(UserInputError, match="no/such is not a folder"):
        start_run(tmp_path / "run", replace(config, data="no/such"), 0)
    assert not (tmp_path / "run").exists()


def test_the_trunk_starts_with_that_of_another_training(
    moving: MultiViewDataset, config: SmakConfig, tmp_path: Path
) -> None:
    lender = run_of(config, tmp_path / "one")
    trunk = replace(config.model.trunk, frozen=True)
    model = replace(config.model, method="tcn", trunk=trunk)
    borrower = replace(config, start=str(lender), model=model)
    folder = run_of(borrower, tmp_path / "two")
    ours, theirs = load(folder).network.trunk, load(lender).network.trunk
    for name, tensor in theirs.state_dict().items():
        assert torch.equal(ours.state_dict()[name], tensor), name
    facts = read_trained(folder, "smak", SmakConfig).facts
    assert facts["trunk"] == f"trunk of {lender}"
    other = replace(borrower, model=replace(model, trunk=replace(trunk, kind="inception")))
    with pytest.raises(UserInputError, match=r"start is .* expected inception"):
        start_run(tmp_path / "three", other, 0)


def test_learning_rates_of_the_stairs() -> None:
    settings = FitConfig(learning_rate=1e-4, schedule="staircase", decay=0.5, decay_steps=10)
    descent = make_descent(settings)
    rates = [descent.rate(step) for step in (0, 9, 10, 25)]
    np.testing.assert_allclose(rates, [1e-4, 1e-4, 5e-5, 2.5e-5])
    cosine = make_descent(FitConfig(steps=100, learning_rate=1e-3, learning_rate_end=1e-5))
    assert cosine.rate(2) == pytest.approx(1e-3) and cosine.rate(99) < 2e-5


def test_the_best_weights_are_a_state_that_can_be_kept(config: SmakConfig) -> None:
    network, best, again = EmbeddingNetwork(config.model), Best(), Best()
    best.offer(0.3, 5, network)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(1)
    best.offer(0.4, 6, network)
    again.load_state_dict(best.state_dict())
    assert (again.error, again.step) == (0.3, 5)
    assert all(torch.equal(again.weights[name], before[name]) for name in before)


def test_a_collapse_is_said_once_in_a_while(
    config: SmakConfig, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "PATIENCE", 100)
    watch, alike = Watch(config), torch.ones(16, 32)
    chance = torch.tensor(math.log(8))
    for step in range(400):
        values = watch.look(step, chance, alike)
        assert (values != {}) == ((step + 1) % 20 == 0)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[2] for line in lines] == [" step 120"] * 2
    assert "ln 8" in lines[0] and "all but one point" in lines[1]
    healthy = Watch(config)
    for step in range(400):
        healthy.look(step, torch.tensor(0.5), torch.randn(16, 32))
    assert capsys.readouterr().err == ""
