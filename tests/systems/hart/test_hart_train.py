"""The whole training, at its smallest: what is stopped or killed and resumed ends the same."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from interruptions import assert_same_files
from moving_square import moving_square
from saccade.errors import DamagedFileError, TrainingDivergedError, UserInputError
from saccade.systems.hart.appearance import normalise
from saccade.systems.hart.config import VARIANTS, FitConfig, HartConfig, Variant
from saccade.systems.hart.learning.clips import ClipBatch
from saccade.systems.hart.learning.growth import Growth
from saccade.systems.hart.learning.learner import Learner
from saccade.systems.hart.model import Hart
from saccade.systems.hart.presets import smoke_preset
from saccade.systems.hart.ratm import Ratm
from saccade.systems.hart.train import make_descent, start_run, train
from saccade.systems.hart.weights import load_network, save_tracker
from saccade.training import fit as fit_module
from saccade.training.metrics import read_metrics
from saccade.training.plain import from_plain
from saccade.training.run import Run

SMOKE = smoke_preset()
# T grows while training, and a pool ends between two checkpoints
TINY = replace(
    SMOKE,
    fit=replace(
        SMOKE.fit, steps=7, stage_iou=0.0, forced_steps=3, forced_least=0.0, checkpoint_every=2
    ),
    finetune=replace(SMOKE.finetune, steps=3),
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """An uninterrupted run."""
    run = start_run(tmp_path_factory.mktemp("whole") / "run", TINY, seed=1)
    train(run, TINY, workers=1, device="cpu")
    return run


def square_batch(length: int = 4) -> ClipBatch:
    frames, boxes = moving_square(length)
    return ClipBatch(
        (frames * 255).byte().numpy(), boxes.numpy(), np.ones((length, 2), bool), (0, 1)
    )


def test_the_number_of_workers_changes_nothing(whole: Run, tmp_path: Path) -> None:
    run = start_run(tmp_path / "run", TINY, seed=1)
    train(run, TINY, workers=2, device="cpu")
    assert_same_files(run, whole)


def test_a_run_tells_what_it_did(whole: Run) -> None:
    lines = read_metrics(whole.metrics_file)
    assert [(line["stage"], line["step"]) for line in lines] == [("track", 7), ("second", 3)]
    for line in lines:
        assert line["length"] == 4
        assert {"loss", "tracking", "spatial", "appearance", "confidence", "own_iou"} <= line.keys()
    assert whole.config["system"] == "hart"
    assert from_plain(HartConfig, Run.open(whole.folder).config["config"], "c") == TINY
    assert not (whole.folder / "data").exists()  # clips are of no more use


def test_trained_weights_are_those_of_the_last_checkpoint(whole: Run) -> None:
    model = load_network(whole.folder)
    assert model.config == TINY and not model.training
    state = fit_module.load_checkpoint(whole.folder / "checkpoints" / "second").model_state
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, state[f"model.{name}"])
    torch.manual_seed(1)
    start = Learner(TINY).model.state_dict()
    assert not all(torch.equal(start[name], t) for name, t in model.state_dict().items())


@pytest.mark.parametrize(
    ("variant", "optimiser"), [*((variant, "adam") for variant in VARIANTS), ("hart", "rmsprop")]
)
def test_every_variant_learns_a_moving_square(variant: Variant, optimiser: Any) -> None:
    """Overfitted to one batch: the loss falls; of RATM that of its features."""
    rate = 1e-4 if optimiser == "rmsprop" else 1e-2 if variant == "ratm" else 1e-3
    settings = replace(
        SMOKE.fit, steps=20, optimiser=optimiser, warm_up=0, forced_steps=20, learning_rate=rate
    )
    ratm = replace(SMOKE.ratm, frozen=False)
    config = replace(
        SMOKE, variant=variant, fit=settings, ratm=ratm, loss=replace(SMOKE.loss, adaptive="none")
    )
    torch.manual_seed(0)
    learner = Learner(config).train()
    descent = make_descent(settings, learner)
    optimiser_ = descent.make_optimiser(learner)
    batch, values = square_batch(), []
    for step in range(settings.steps):
        objective, _ = learner(batch, 0, np.random.default_rng(0))
        values.append(objective.terms.get("features", objective.total).item())
        fit_module._descend(
            learner, optimiser_, fit_module.Batch(objective.total, ""), descent, step
        )
    assert np.mean(values[-3:]) < 0.97 * np.mean(values[:3])


def test_the_gradient_is_shortened_to_its_root_mean_square() -> None:
    learner = Learner(SMOKE)
    descent = make_descent(replace(SMOKE.fit, gradient_rms=1e-3), learner)
    optimiser = torch.optim.SGD(learner.parameters(), lr=0.0)
    objective, _ = learner(square_batch(), 0, np.random.default_rng(0))
    loss = fit_module.Batch(1e6 * objective.total, "")
    fit_module._descend(learner, optimiser, loss, descent, 0)
    parameters = [p for p in learner.parameters() if p.requires_grad]
    # what has no gradient has one of zero
    squares = sum(p.grad.square().sum().item() for p in parameters if p.grad is not None)
    assert math.sqrt(squares / sum(p.numel() for p in parameters)) == pytest.approx(1e-3, rel=1e-3)


def test_absent_targets_teach_only_that_they_are_absent() -> None:
    """What an absent target's box is has no say; its frames lower the confidence."""
    config = replace(TINY, loss=replace(SMOKE.loss, adaptive="none", weight_decay=0.0))
    torch.manual_seed(0)
    learner = Learner(config).eval()
    batch = square_batch()
    batch.present[2:] = False
    batch.boxes[2:] = np.nan
    full, own = learner(batch, 100, np.random.default_rng(0))
    short = replace(
        batch, frames=batch.frames[:2], boxes=batch.boxes[:2], present=batch.present[:2]
    )
    expected, expected_own = learner(short, 100, np.random.default_rng(0))
    for name in ("tracking", "spatial"):
        assert full.terms[name].item() == pytest.approx(expected.terms[name].item(), rel=1e-5)
    assert own.item() == pytest.approx(expected_own.item(), rel=1e-5)
    assert full.terms["confidence"].item() != pytest.approx(expected.terms["confidence"].item())
    full.total.backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in learner.parameters())


def test_forced_sequences_do_not_count_as_success() -> None:
    config = replace(SMOKE, fit=replace(SMOKE.fit, forced_steps=10, forced_least=0.0))
    learner = Learner(config).eval()
    assert learner(square_batch(), 0, np.random.default_rng(0))[1].isnan()
    objective, own = learner(square_batch(), 10, np.random.default_rng(0))
    assert own.item() == pytest.approx(objective.terms["iou"].item(), rel=1e-5)


def test_some_sequences_stay_forced() -> None:
    config = replace(SMOKE, fit=replace(SMOKE.fit, forced_steps=10, forced_least=1.0))
    learner = Learner(config).eval()
    assert learner(square_batch(), 1000, np.random.default_rng(0))[1].isnan()


def test_sequences_grow_after_good_epochs() -> None:
    growth = Growth(FitConfig(length=3, length_end=5, stage_epochs=2, stage_iou=0.5, batch=4), 10)
    lengths = []
    for iou in [*[0.6] * 6, *[0.4] * 9, math.nan, 0.6, 0.6, *[math.nan] * 3, *[0.9] * 6]:
        growth.record(iou)
        lengths.append(growth.length)
    # epochs of ceil(10 / 4) = 3 steps
    assert lengths == [3] * 5 + [4] * 12 + [5] * 10
    again = Growth(FitConfig(length=3, length_end=5, stage_epochs=2, stage_iou=0.5, batch=4), 10)
    again.load_state_dict(growth.state_dict())
    assert again.state_dict() == growth.state_dict()


def test_a_second_stage_goes_on_from_the_first_with_a_network_that_sees_more(whole: Run) -> None:
    first = fit_module.load_checkpoint(whole.folder / "checkpoints" / "track")
    small, large = Learner(TINY.first_stage), Learner(TINY)
    small.load_state_dict(first.model_state)
    large.inherit(small)
    assert torch.equal(large.loss.roots, small.loss.roots)
    trained = load_network(whole.folder).state_dict()
    rate = TINY.finetune.learning_rate
    for name, begun in large.model.state_dict().items():
        # Adam moves no weight by much more than the learning rate a step
        assert (trained[name] - begun).abs().max() < 3 * 3 * rate
    assert trained["to_features.weight"].shape[1] > small.model.to_features.in_features  # pyright: ignore


def test_without_a_second_stage_the_first_leaves_nothing_out(tmp_path: Path) -> None:
    config = replace(TINY, fit=replace(TINY.fit, steps=2), finetune=replace(TINY.finetune, steps=0))
    assert config.first_stage == config
    run = start_run(tmp_path / "run", config, seed=1)
    train(run, config, workers=1, device="cpu")
    assert {line["stage"] for line in read_metrics(run.metrics_file)} == {"track"}
    assert load_network(run.folder).config == config


def test_a_nan_stops_the_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = start_run(tmp_path / "run", TINY, seed=1)
    forward: Callable[..., Any] = Learner.forward

    def poisoned(self: Learner, clips: ClipBatch, step: int, rng: np.random.Generator) -> Any:
        objective, own = forward(self, clips, step, rng)
        return replace(objective, total=objective.total * (math.nan if step == 1 else 1)), own

    monkeypatch.setattr(Learner, "forward", poisoned)
    with pytest.raises(TrainingDivergedError, match=r"step 1, batch clips \[\d, \d\]"):
        train(run, TINY, workers=1, device="cpu")
    with pytest.raises(UserInputError, match="has no weights yet"):
        load_network(run.folder)


def test_weights_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    model = Learner(SMOKE).model
    other = replace(SMOKE, memory=replace(SMOKE.memory, units=17))
    save_tracker(tmp_path / "weights", other, model)
    with pytest.raises(DamagedFileError, match=r"does not fit its config\.json"):
        load_network(tmp_path / "weights")
    (tmp_path / "weights" / "config.json").write_text('{"system": "push", "config": {}}')
    with pytest.raises(DamagedFileError, match="describes no weights of hart"):
        load_network(tmp_path)


def test_ratm_may_see_with_the_features_of_the_shipped_hart() -> None:
    base = HartConfig(variant="ratm")
    stack = load_network().config.appearance.stack
    seeing = replace(base, ratm=replace(base.ratm, features="hart", stack=stack))
    model, lender = Learner(seeing).model, load_network()
    assert isinstance(model, Ratm) and isinstance(lender, Hart)
    glimpse = torch.rand(2, 3, 32, 32)
    maps = lender.appearance.v1(normalise(glimpse, "min-max"))
    torch.testing.assert_close(model.trunk(normalise(glimpse, "min-max")), maps)
    with pytest.raises(UserInputError, match=r"ratm\.stack that is not that of the shipped"):
        Learner(replace(base, ratm=replace(base.ratm, features="hart")))
