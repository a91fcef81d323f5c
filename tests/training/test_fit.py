from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from interruptions import stop_after, tree
from saccade.errors import FolderInUseError, TrainingDivergedError, UserInputError
from saccade.training import fit as fit_module
from saccade.training.checkpoint import load_checkpoint
from saccade.training.fit import Batch, Descent, Stopped, fit, open_session
from saccade.training.metrics import read_metrics
from saccade.training.run import Run

DESCENT = Descent(steps=45, learning_rate=0.02, weight_decay=0.01, checkpoint_every=7)
Loss = Callable[[nn.Module, np.random.Generator, int], Batch]


def toy_loss(network: nn.Module, rng: np.random.Generator, step: int) -> Batch:
    """A noisy regression, with dropout so that torch's generator matters too."""
    x = torch.from_numpy(rng.normal(size=(8, 3))).float()
    y = x.sum(dim=1, keepdim=True)
    loss = (network(x) - y).square().mean()
    return Batch(loss, f"draw {step}", {"first": float(x[0, 0])})


def toy() -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(3, 6), nn.Dropout(0.2), nn.BatchNorm1d(6), nn.Linear(6, 1))


def train(
    run: Run, stages: tuple[str, ...] = ("one", "two"), loss: Loss = toy_loss, every: int = 7
) -> nn.Module:
    descent = Descent(DESCENT.steps, 0.02, 0.01, checkpoint_every=every)
    with open_session(run) as session:
        network, target = toy(), toy()
        for number, stage in enumerate(stages):

            def step_loss(rng: np.random.Generator, step: int) -> Batch:
                if step % 10 == 0:
                    target.load_state_dict(network.state_dict())
                batch = loss(network, rng, step)
                pull = (network[0].weight - target[0].weight).square().sum()
                return Batch(batch.loss + 0.1 * pull, batch.name, batch.values)

            fit(session, stage, network, step_loss, descent, {}, number, {"target": target})
    return network


def until_done(run: Run, monkeypatch: pytest.MonkeyPatch, checks: int) -> tuple[nn.Module, int]:
    """Train in sittings that are each stopped after a few steps."""
    monkeypatch.setattr(fit_module, "GracefulStop", stop_after(checks))
    for sittings in range(1, 50):
        try:
            return train(run), sittings
        except Stopped:
            continue
    raise AssertionError("training never ended")


def assert_same(run: Run, network: nn.Module, other: Run, other_network: nn.Module) -> None:
    one, two = network.state_dict(), other_network.state_dict()
    assert one.keys() == two.keys()
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert run.metrics_file.read_bytes() == other.metrics_file.read_bytes()
    assert tree(run.folder / "checkpoints") == tree(other.folder / "checkpoints")


@pytest.mark.parametrize("checks", [1, 8, 20, 50])
def test_stopped_and_resumed_equals_uninterrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checks: int
) -> None:
    whole = Run.create(tmp_path / "whole", {}, seed=0)
    expected = train(whole)
    assert len(read_metrics(whole.metrics_file)) == 6  # at 20, 40 and 45 of both stages
    pieces = Run.create(tmp_path / "pieces", {}, seed=0)
    network, sittings = until_done(pieces, monkeypatch, checks)
    assert sittings > 90 // (checks + 1)
    assert_same(pieces, network, whole, expected)


@pytest.mark.parametrize("kills", [(3,), (7,), (22, 41), (50, 64, 88)])
def test_killed_and_resumed_equals_uninterrupted(tmp_path: Path, kills: tuple[int, ...]) -> None:
    """A kill comes between checkpoints: what was written to the metrics since is written again."""
    whole = Run.create(tmp_path / "whole", {}, seed=0)
    expected = train(whole)
    pieces = Run.create(tmp_path / "pieces", {}, seed=0)
    for kill in kills:

        def killed(
            network: nn.Module, rng: np.random.Generator, step: int, kill: int = kill
        ) -> Batch:
            done = (pieces.folder / "checkpoints" / "two").exists() or len(metrics()) >= 3
            if step + 45 * done == kill:
                raise KeyboardInterrupt
            return toy_loss(network, rng, step)

        def metrics() -> list:
            return read_metrics(pieces.metrics_file)

        with pytest.raises(KeyboardInterrupt):
            train(pieces, loss=killed)
    assert_same(pieces, train(pieces), whole, expected)


def test_a_kill_before_the_first_checkpoint_leaves_no_metrics_behind(tmp_path: Path) -> None:
    whole = Run.create(tmp_path / "whole", {}, seed=0)
    expected = train(whole, every=1000)

    def killed(network: nn.Module, rng: np.random.Generator, step: int) -> Batch:
        if step == 30:
            raise KeyboardInterrupt
        return toy_loss(network, rng, step)

    pieces = Run.create(tmp_path / "pieces", {}, seed=0)
    with pytest.raises(KeyboardInterrupt):
        train(pieces, loss=killed, every=1000)
    assert len(read_metrics(pieces.metrics_file)) == 1
    assert_same(pieces, train(pieces, every=1000), whole, expected)


@pytest.mark.parametrize("moment", ["while writing", "between the renames"])
def test_a_kill_within_a_checkpoint_costs_at_most_that_checkpoint(
    tmp_path: Path, moment: str
) -> None:
    whole = Run.create(tmp_path / "whole", {}, seed=0)
    expected = train(whole)
    pieces = Run.create(tmp_path / "pieces", {}, seed=0)

    def killed(network: nn.Module, rng: np.random.Generator, step: int) -> Batch:
        if step == 16:
            raise KeyboardInterrupt
        return toy_loss(network, rng, step)

    with pytest.raises(KeyboardInterrupt):
        train(pieces, ("one",), killed)
    folder = pieces.folder / "checkpoints"
    half = folder / ".one.0123abcd.part"
    half.mkdir()
    (half / "config.json").write_text("{}")
    if moment == "between the renames":
        (folder / "one").rename(folder / ".one.old")
    assert_same(pieces, train(pieces), whole, expected)


def test_a_finished_run_is_only_loaded(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", {}, seed=0)
    first = train(run)
    before = tree(run.folder)

    def never(network: nn.Module, rng: np.random.Generator, step: int) -> Batch:
        raise AssertionError("trained again")

    again = train(run, loss=never)
    assert all(map(torch.equal, again.state_dict().values(), first.state_dict().values()))
    assert tree(run.folder) == before


def test_a_run_that_is_being_trained_is_not_trained_by_another(tmp_path: Path) -> None:
    whole = Run.create(tmp_path / "whole", {}, seed=0)
    expected = train(whole)
    run = Run.create(tmp_path / "run", {}, seed=0)

    def disturbed(network: nn.Module, rng: np.random.Generator, step: int) -> Batch:
        if step == 9:
            with pytest.raises(FolderInUseError, match="run is in use by process"):
                train(run)
        return toy_loss(network, rng, step)

    assert_same(run, train(run, loss=disturbed), whole, expected)


def test_nobody_reads_the_progress_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C beside `| tee` ends tee too: what is printed fails, what was trained is kept."""

    class Broken:
        def update(self, n: int = 1, **values: float) -> None:
            if values:
                raise BrokenPipeError

        def __enter__(self) -> Broken:
            return self

        def __exit__(self, *_: object) -> None: ...

    run = Run.create(tmp_path / "run", {}, seed=0)
    with monkeypatch.context() as patch:
        patch.setattr(fit_module, "GracefulStop", stop_after(0))
        patch.setattr(fit_module, "progress", lambda **_: Broken())
        with pytest.raises(BrokenPipeError):
            train(run)
    kept = load_checkpoint(run.folder / "checkpoints" / "one")
    assert kept.training_state["step"] == 1


def test_a_loss_that_is_no_number_stops_with_step_and_batch(tmp_path: Path) -> None:
    def bad(network: nn.Module, rng: np.random.Generator, step: int) -> Batch:
        batch = toy_loss(network, rng, step)
        return Batch(batch.loss * float("nan"), "pushes [4, 2]") if step == 17 else batch

    run = Run.create(tmp_path / "run", {}, seed=0)
    with pytest.raises(TrainingDivergedError, match=r"step 17, batch pushes \[4, 2\]") as caught:
        train(run, loss=bad)
    assert "\n" not in str(caught.value)
    kept = load_checkpoint(run.folder / "checkpoints" / "one")
    assert kept.training_state["step"] == 14
    assert all(torch.isfinite(t.float()).all() for t in kept.model_state.values())


def test_an_infinite_gradient_stops_before_it_spoils_a_checkpoint(tmp_path: Path) -> None:
    """sqrt has an infinite slope at 0 though its value is finite; a checkpoint would be next."""

    def bad(network: nn.Module, rng: np.random.Generator, step: int) -> Batch:
        batch = toy_loss(network, rng, step)
        if step != 13:
            return batch
        nothing = next(iter(network.parameters())).sum() * 0
        return Batch(batch.loss + nothing.sqrt(), "pushes [1]")

    run = Run.create(tmp_path / "run", {}, seed=0)
    with pytest.raises(TrainingDivergedError, match=r"gradient norm is nan at step 13"):
        train(run, loss=bad)
    kept = load_checkpoint(run.folder / "checkpoints" / "one")
    assert kept.training_state["step"] == 7
    assert all(torch.isfinite(t.float()).all() for t in kept.model_state.values())


def test_the_rate_rises_then_falls_as_a_cosine() -> None:
    descent = Descent(steps=100, learning_rate=2.0)
    assert [descent.rate(s) for s in range(5)] == pytest.approx([0.4, 0.8, 1.2, 1.6, 2.0])
    assert descent.rate(5) == pytest.approx(2.0)
    assert descent.rate(5 + 95 // 2) == pytest.approx(1.0, abs=0.02)
    assert 0 < descent.rate(99) < 0.001
    assert Descent(steps=1, learning_rate=0.1).rate(0) == pytest.approx(0.1)


def test_the_rate_may_end_above_zero_or_stay_what_it_is() -> None:
    falling = Descent(steps=101, learning_rate=2.0, learning_rate_end=0.5, warm_up=0)
    assert [falling.rate(s) for s in (0, 51)] == pytest.approx([2.0, 1.25])
    assert falling.rate(100) == pytest.approx(0.5, abs=1e-3)
    constant = Descent(steps=101, learning_rate=2.0, learning_rate_end=2.0, warm_up=0)
    assert {constant.rate(s) for s in range(101)} == {2.0}


def test_rmsprop_steps_as_its_formula_says() -> None:
    """v = 0.9 v + 0.1 g^2; m = momentum m + g / (sqrt(v) + eps); w -= rate m."""
    network = nn.Linear(1, 1, bias=False)
    nn.init.constant_(network.weight, 3.0)
    descent = Descent(
        10, 0.1, optimiser="rmsprop", momentum=0.5, learning_rate_end=0.1, warm_up=0,
        max_gradient_norm=1e9,
    )  # fmt: skip
    optimiser = descent.make_optimiser(network)
    weight, v, m = 3.0, 0.0, 0.0
    for step in range(4):
        fit_module._descend(
            network, optimiser, Batch(network.weight.square().sum(), ""), descent, step
        )
        gradient = 2 * weight
        v = 0.9 * v + 0.1 * gradient**2
        m = 0.5 * m + gradient / (math.sqrt(v) + 1e-8)
        weight -= 0.1 * m
        assert network.weight.item() == pytest.approx(weight, rel=1e-5)


def test_an_unknown_optimiser_is_refused() -> None:
    with pytest.raises(UserInputError, match=r"optimiser is 'sgd'; expected one of adam, rmsprop"):
        Descent(10, 0.1, optimiser="sgd")  # pyright: ignore[reportArgumentType]


class Count:
    """What changes while training and is no network."""

    def __init__(self) -> None:
        self.steps = 0

    def state_dict(self) -> dict[str, int]:
        return {"steps": self.steps}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.steps = state["steps"]


def test_a_stop_while_a_loss_waits_for_data_loses_nothing(tmp_path: Path) -> None:
    whole = Run.create(tmp_path / "whole", {}, seed=0)
    expected = train(whole)

    def waiting(network: nn.Module, rng: np.random.Generator, step: int) -> Batch:
        if step == 10:
            raise Stopped
        return toy_loss(network, rng, step)

    pieces = Run.create(tmp_path / "pieces", {}, seed=0)
    for _ in range(2):
        with pytest.raises(Stopped):
            train(pieces, loss=waiting)
        kept = load_checkpoint(pieces.folder / "checkpoints" / "one")
        assert kept.training_state["step"] == 10
    assert_same(pieces, train(pieces), whole, expected)


def test_what_is_no_network_is_resumed_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With RMSProp, in sittings of a few steps."""
    descent = replace(DESCENT, optimiser="rmsprop", momentum=0.9)

    def sitting(run: Run) -> tuple[nn.Module, Count]:
        network, count = toy(), Count()

        def loss(rng: np.random.Generator, step: int) -> Batch:
            assert count.steps == step
            count.steps += 1
            return toy_loss(network, rng, step)

        with open_session(run) as session:
            fit(session, "one", network, loss, descent, {}, 0, {"count": count})
        return network, count

    whole = Run.create(tmp_path / "whole", {}, seed=0)
    expected, _ = sitting(whole)
    pieces = Run.create(tmp_path / "pieces", {}, seed=0)
    monkeypatch.setattr(fit_module, "GracefulStop", stop_after(10))
    for _ in range(4):
        with pytest.raises(Stopped):
            sitting(pieces)
    network, count = sitting(pieces)
    assert count.steps == 45
    assert_same(pieces, network, whole, expected)
