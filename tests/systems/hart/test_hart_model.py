"""The trackers: shapes, one training step of every preset and variant, Eqs. 2 to 8 step by step."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from moving_square import Sequence, moving_square
from saccade.attention.gaussian_glimpse import boxes_to_attention, extract_glimpses
from saccade.attention.template_matching import similarity
from saccade.errors import UserInputError
from saccade.systems.hart.appearance import normalise
from saccade.systems.hart.build import build_tracker
from saccade.systems.hart.config import VARIANTS, HartConfig
from saccade.systems.hart.learning.objective import HartLoss
from saccade.systems.hart.model import Hart
from saccade.systems.hart.presets import PRESETS
from saccade.systems.hart.ratm import Ratm

SMOKE = PRESETS["smoke"]()
TEXT = replace(
    SMOKE,
    appearance=replace(SMOKE.appearance, matches=0),
    memory=replace(SMOKE.memory, bypass=False, moved=False),
    motion=replace(SMOKE.motion, follow="window", through_time=True, hold_below=0.0),
)
"""Without what the paper does not have."""


def train_step(config: HartConfig, sequence: Sequence) -> dict[str, float]:
    """One gradient step; every trainable parameter of the model must take part in it."""
    torch.manual_seed(0)
    model, loss = build_tracker(config), HartLoss(config)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    optimiser = torch.optim.RMSprop([*model.parameters(), *loss.parameters()], lr=1e-4)
    predictions = model(sequence.frames, sequence.boxes[0])
    objective = loss(model, sequence.frames, predictions, sequence.boxes)
    objective.total.backward()
    optimiser.step()
    still = [
        n for n, p in model.named_parameters() if p.requires_grad and torch.equal(p, before[n])
    ]
    assert not still
    return {name: value.item() for name, value in objective.terms.items()}


@pytest.mark.parametrize("name", ["paper-kitti", "paper-kth"])
def test_paper_presets_train(name: str) -> None:
    config = PRESETS[name]()
    channels = config.appearance.in_channels
    size = (96, 120) if name == "paper-kitti" else (60, 80)
    terms = train_step(config, moving_square(3, 2, channels, *size))
    assert all(torch.isfinite(torch.tensor(value)) for value in terms.values())


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_trains(variant: str, square: Sequence) -> None:
    config = replace(SMOKE, variant=variant, ratm=replace(SMOKE.ratm, frozen=False))
    terms = train_step(config, square)
    expected = {
        "hart": {"tracking", "spatial", "appearance"},
        "app-att": {"tracking", "spatial"},
        "spatial-att": {"tracking"},
        "ratm": {"features"},
    }[variant]
    assert set(terms) == expected | {"confidence", "penalty", "iou"}


def test_kitti_has_the_published_sizes() -> None:
    model = Hart(PRESETS["paper-kitti"]())
    assert 1.6e6 < sum(p.numel() for p in model.parameters()) < 1.85e6
    assert model.appearance.map_size == (14, 14)
    assert model.appearance.out_features == 980


def test_shapes_of_predictions(square: Sequence) -> None:
    predictions = build_tracker(SMOKE)(square.frames, square.boxes[0])
    shapes = {
        "box": (3, 2, 4), "attention": (3, 2, 4), "window": (3, 2, 4),
        "glimpse": (3, 2, 3, 16, 16), "location": (3, 2, 4, 4), "logits": (3, 2, 4, 4),
        "confidence": (3, 2),
    }  # fmt: skip
    for name, shape in shapes.items():
        assert getattr(predictions, name).shape == shape
    assert bool((predictions.location >= 0).all()) and bool((predictions.confidence <= 1).all())


@pytest.mark.parametrize("variant", VARIANTS)
def test_unrolling_is_stepping(variant: str, square: Sequence) -> None:
    model = build_tracker(replace(SMOKE, variant=variant)).eval()
    with torch.no_grad():
        together = model(square.frames, square.boxes[0])
        state = model.initialise(square.frames[0], square.boxes[0])
        for t in range(1, 4):
            state, prediction = model.step(square.frames[t], state)  # pyright: ignore[reportArgumentType]
            torch.testing.assert_close(prediction.box, together.box[t - 1])
            torch.testing.assert_close(prediction.window, together.window[t - 1])


@pytest.mark.parametrize("variant", ["hart", "spatial-att"])
def test_a_step_is_the_papers_equations(variant: str, square: Sequence) -> None:
    config = replace(TEXT, variant=variant)
    model = build_tracker(config).eval()
    assert isinstance(model, Hart)
    with torch.no_grad():
        for head in (model.update_head, model.box_head):
            head[2].weight.normal_(std=0.5, generator=torch.Generator().manual_seed(1))
        frame, state = square.frames[1], model.initialise(square.frames[0], square.boxes[0])
        after, prediction = model.step(frame, state)
        seen = model.appearance
        glimpse = extract_glimpses(frame, state.window, config.glimpse)
        maps = seen.v1(normalise(glimpse, "min-max"))
        features, mask = seen.ventral(maps), None
        if seen.dorsal is not None and seen.to_logits is not None:
            logits = seen.to_logits(seen.dorsal(maps, seen.dorsal.filters(state.output)))
            mask = torch.sigmoid(logits)
            features = features * mask
        place = boxes_to_attention(state.window, 48, 64)
        v = F.elu(model.to_features(torch.cat([features.flatten(1), place], dim=1)))
        o, c = model.lstm(v, (state.output, state.cell))
        if mask is not None and model.to_mask is not None:
            decoded = torch.cat([o, F.elu(model.to_mask(mask.flatten(1)))], dim=1)
        else:
            decoded = o
        change = torch.sigmoid(model.motion.gain_logits) * torch.tanh(model.update_head(decoded))
        correction = torch.tanh(model.box_head(decoded))
        size = state.window[:, [2, 3, 2, 3]]
        torch.testing.assert_close(after.output, o)
        torch.testing.assert_close(after.cell, c)
        torch.testing.assert_close(after.window, state.window + change * size)
        inside = model.motion.inside(state.window, 48, 64)
        expected = inside + correction * size
        expected[:, 2:].clamp_(min=2.0)
        torch.testing.assert_close(prediction.box, expected)


@pytest.mark.parametrize("bypass", [True, False])
def test_heads_read_the_glimpse_past_the_memory_if_they_may(bypass: bool, square: Sequence) -> None:
    config = replace(TEXT, variant="spatial-att", memory=replace(TEXT.memory, bypass=bypass))
    model = build_tracker(config).eval()
    assert isinstance(model, Hart)
    with torch.no_grad():
        model.box_head[2].weight.normal_(generator=torch.Generator().manual_seed(1))
        for gates in model.lstm.parameters():
            gates.zero_()  # the memory stays as it was
        state = model.initialise(square.frames[0], square.boxes[0])
        here, there = (model.step(frame, state)[1].box for frame in square.frames[[1, 3]])
    assert torch.equal(here, there) != bypass


def test_a_window_that_follows_the_box_is_an_update_of_its_surroundings(square: Sequence) -> None:
    model = build_tracker(replace(SMOKE, motion=replace(SMOKE.motion, hold_below=0.0))).eval()
    assert isinstance(model, Hart)
    with torch.no_grad():
        for head in (model.update_head, model.box_head):
            head[2].bias.copy_(torch.tensor([0.1, -0.2, 0.3, 0.05]))
        state = model.initialise(square.frames[0], square.boxes[0])
        after, prediction = model.step(square.frames[1], state)
        around = model.around(prediction.box, 48, 64)
        change = model.motion.gain * torch.tanh(model.update_head[2].bias)
    torch.testing.assert_close(
        after.window, around + change * around[:, [2, 3, 2, 3]], atol=0.01, rtol=0.01
    )


@pytest.mark.parametrize(("confidence", "trust"), [(0.9, 1.0), (0.5, 0.5), (0.2, 0.0)])
def test_a_doubtful_box_keeps_its_size_but_in_training(
    confidence: float, trust: float, square: Sequence
) -> None:
    config = replace(
        SMOKE,
        appearance=replace(SMOKE.appearance, dropout=0.0),
        memory=replace(SMOKE.memory, zoneout=0.0),
        motion=replace(SMOKE.motion, hold_below=2 / 3),
    )
    model = build_tracker(config)
    assert isinstance(model, Hart)
    with torch.no_grad():
        model.confidence_head[2].weight.zero_()
        model.confidence_head[2].bias.fill_(math.log(confidence / (1 - confidence)))
        for head in (model.update_head, model.box_head):
            head[2].bias.copy_(torch.tensor([0.1, -0.2, 0.3, 0.05]))
        state = model.initialise(square.frames[0], square.boxes[0])
        (free, free_seen), (held, held_seen) = (
            model.train(training).step(square.frames[1], state) for training in (True, False)
        )
        before, found, kept = square.boxes[0], free_seen.box, held_seen.box
        torch.testing.assert_close(
            kept[:, 2:], before[:, 2:] ** (1 - trust) * found[:, 2:] ** trust
        )
        torch.testing.assert_close(kept[:, :2] + kept[:, 2:] / 2, found[:, :2] + found[:, 2:] / 2)
        around = model.around(kept, 48, 64)
        change = model.motion.gain * torch.tanh(model.update_head[2].bias) * trust
    torch.testing.assert_close(
        held.window, around + change * around[:, [2, 3, 2, 3]], atol=0.05, rtol=0.01
    )
    assert not torch.equal(free.box, before)


@pytest.mark.parametrize(("through_time", "reaches"), [(True, True), (False, False)])
def test_gradients_pass_from_window_to_window_if_they_may(
    through_time: bool, reaches: bool, square: Sequence
) -> None:
    config = replace(TEXT, motion=replace(TEXT.motion, through_time=through_time))
    model = build_tracker(config)
    assert isinstance(model, Hart)
    state = model.initialise(square.frames[0], square.boxes[0])
    window = state.window.detach().requires_grad_()
    after, _ = model.step(square.frames[1], state._replace(window=window))
    _, later = model.step(square.frames[2], after)
    later.box.sum().backward()
    assert (window.grad is not None) == reaches


def test_matching_tells_where_the_first_glimpse_is(square: Sequence) -> None:
    model = build_tracker(SMOKE).eval()
    assert isinstance(model, Hart)
    with torch.no_grad():
        state = model.initialise(square.frames[0], square.boxes[0])
        glimpse = extract_glimpses(square.frames[0], state.window, SMOKE.glimpse)
        maps = model.appearance.v1(normalise(glimpse, "min-max"))
        alike = similarity(maps, state.templates[:, 0]).flatten(2)
        strange = model.appearance(glimpse, state.output, state.templates.flip(0))
        own = model.appearance(glimpse, state.output, state.templates)
    lit = maps.flatten(2).norm(dim=1) > 0  # untrained, rectified: some cells say nothing
    assert lit.float().mean() > 0.5
    same = alike.diagonal(dim1=1, dim2=2)[lit]
    torch.testing.assert_close(same, torch.ones_like(same), atol=1e-4, rtol=0)
    assert not torch.allclose(strange.logits, own.logits)


def test_a_box_to_rely_on_is_remembered_and_a_doubtful_one_is_not(square: Sequence) -> None:
    model = build_tracker(
        replace(SMOKE, appearance=replace(SMOKE.appearance, recent_from=0.6))
    ).eval()
    assert isinstance(model, Hart)
    with torch.no_grad():
        state = model.initialise(square.frames[0], square.boxes[0])
        torch.testing.assert_close(state.templates[:, 0], state.templates[:, 1])
        model.confidence_head[-1].bias.fill_(-9.0)
        doubtful, _ = model.step(square.frames[1], state)
        model.confidence_head[-1].bias.fill_(9.0)
        sure, found = model.step(square.frames[1], state)
        window = model.around(found.box, *square.frames[1].shape[2:])
        shown = extract_glimpses(square.frames[1], window, SMOKE.glimpse)
        wanted = model.appearance.template(shown)
    torch.testing.assert_close(doubtful.templates, state.templates)
    torch.testing.assert_close(sure.templates[:, 0], state.templates[:, 0])
    torch.testing.assert_close(sure.templates[:, 1], wanted)
    assert not torch.allclose(wanted, state.templates[:, 0])


def test_v_t_may_say_how_the_box_moved(square: Sequence) -> None:
    model = build_tracker(replace(SMOKE, memory=replace(SMOKE.memory, moved=True))).eval()
    assert isinstance(model, Hart)
    with torch.no_grad():
        state = model.initialise(square.frames[0], square.boxes[0])
        still, _ = model.step(square.frames[1], state)
        moving, _ = model.step(square.frames[1], state._replace(moved=state.moved + 0.5))
    assert not torch.allclose(still.output, moving.output)


def test_where_time_has_passed_unseen_nothing_has_moved(square: Sequence) -> None:
    """The second sequence only; what else there is to know of it stays as it is."""
    model = build_tracker(SMOKE).eval()
    assert isinstance(model, Hart)
    with torch.no_grad():
        state = model.initialise(square.frames[0], square.boxes[0])
        before = state._replace(box=state.box + 1)
        known, _ = model.step(square.frames[1], before)
        torch.manual_seed(0)
        model.train()
        gaps = model.after_gap(before, torch.tensor([False, True]))
        after, two = model.step(square.frames[1], gaps)
    assert (after.moved[0] != 0).any() and (after.moved[1] == 0).all()
    assert (known.moved[1] != 0).any()
    assert two.box.isfinite().all() and after.output.isfinite().all()


def test_an_untrained_tracker_looks_at_the_object_and_stays(square: Sequence) -> None:
    model = build_tracker(SMOKE).eval()
    with torch.no_grad():
        state = model.initialise(square.frames[0], square.boxes[0])
        _, prediction = model.step(square.frames[1], state)
    torch.testing.assert_close(prediction.box, square.boxes[0], atol=0.3, rtol=0)
    y, x, h, w = prediction.window[0].tolist()
    assert (y, x, h, w) == pytest.approx((4, 6, 24, 24), abs=1e-3)


@pytest.mark.parametrize("variant", ["hart", "ratm"])
def test_forced_windows_are_looked_through_and_nan_are_not(variant: str, square: Sequence) -> None:
    model = build_tracker(replace(SMOKE, variant=variant)).eval()
    forced = torch.full((4, 2, 4), torch.nan)
    forced[2, 0] = torch.tensor([20.0, 18.0, 10.0, 14.0])
    with torch.no_grad():
        free, held = (model(square.frames, square.boxes[0], f) for f in (None, forced))
    torch.testing.assert_close(held.window[1, 0], forced[2, 0])
    torch.testing.assert_close(held.window[:, 1], free.window[:, 1])
    torch.testing.assert_close(held.attention[1], free.attention[1])
    if variant == "hart":  # RATM's frozen random features look alike from everywhere.
        assert not torch.allclose(held.glimpse[1, 0], free.glimpse[1, 0])
    torch.testing.assert_close(held.glimpse[:, 1], free.glimpse[:, 1])


def test_samples_do_not_see_each_other(square: Sequence) -> None:
    model = build_tracker(SMOKE).eval()
    with torch.no_grad():
        both = model(square.frames, square.boxes[0])
        alone = model(square.frames[:, 1:], square.boxes[0, 1:])
    torch.testing.assert_close(both.box[:, 1:], alone.box, atol=1e-3, rtol=1e-4)


def test_an_absent_object_teaches_only_confidence_and_an_empty_map(square: Sequence) -> None:
    model, loss = build_tracker(SMOKE).eval(), HartLoss(SMOKE)
    predictions = model(square.frames, square.boxes[0])
    boxes = square.boxes.clone()
    boxes[2:] = torch.nan
    present = torch.ones(4, 2)
    present[2:] = 0
    terms = loss(model, square.frames, predictions, boxes, present).terms
    short = model(square.frames[:2], square.boxes[0])
    only = loss(model, square.frames[:2], short, square.boxes[:2]).terms
    torch.testing.assert_close(terms["tracking"], only["tracking"])
    torch.testing.assert_close(terms["spatial"], only["spatial"])
    assert bool(terms["confidence"].isfinite()) and bool(terms["appearance"].isfinite())


def test_ratm_is_right_in_its_own_metric_where_the_window_is_right(square: Sequence) -> None:
    config = replace(SMOKE, variant="ratm")
    model, loss = build_tracker(config).eval(), HartLoss(config)
    forced = model.around(square.boxes.flatten(0, 1), 48, 64).view(4, 2, 4)
    still = square.frames[:1].expand(4, -1, -1, -1, -1)
    boxes = square.boxes[:1].expand(4, -1, -1)
    with torch.no_grad():
        predictions = model(still, boxes[0], forced[:1].expand(4, -1, -1))
        terms = loss(model, still, predictions, boxes).terms
    assert terms["features"].item() == pytest.approx(0, abs=1e-6)
    assert terms["iou"].item() == pytest.approx(1, abs=1e-5)


def test_ratms_window_stays_at_the_frame(square: Sequence) -> None:
    """Outside all features are alike: nothing would lead back."""
    model = build_tracker(replace(SMOKE, variant="ratm")).eval()
    assert isinstance(model, Ratm)
    with torch.no_grad():
        model.to_window.bias.copy_(torch.tensor([5.0, -5.0, 0.0, 0.0, 9.0, -9.0]))
        predictions = model(square.frames, square.boxes[0])
    last = predictions.window[-1]
    centre = last[:, :2] + last[:, 2:] / 2
    torch.testing.assert_close(centre, torch.tensor([48.0, 0.0]).expand(2, 2))
    assert bool((last[:, 2] <= 2 * 48 + 1e-3).all()) and bool((last[:, 3] > 0).all())


@pytest.mark.parametrize("how", ["min-max", "fixed", "none"])
def test_normalisation(how: str) -> None:
    glimpse = torch.rand(2, 3, 5, 5, generator=torch.Generator().manual_seed(0)) * 0.3 + 0.2
    out = normalise(glimpse, how)
    if how == "min-max":
        torch.testing.assert_close(out.mean(dim=(2, 3)), torch.zeros(2, 3), atol=1e-6, rtol=0)
        torch.testing.assert_close(normalise(glimpse * 0.5 + 0.1, how), out)
        assert bool(normalise(torch.full((1, 3, 4, 4), 0.5), how).isfinite().all())
    elif how == "fixed":
        torch.testing.assert_close(out, (glimpse - 0.45) / 0.225)
    else:
        assert out is glimpse


@pytest.mark.usefixtures("unchecked_types")
@pytest.mark.parametrize("variant", ["hart", "ratm"])
def test_what_does_not_fit_is_refused(variant: str, square: Sequence) -> None:
    model = build_tracker(replace(SMOKE, variant=variant))
    frame, boxes = square.frames[0], square.boxes[0]
    with pytest.raises(UserInputError, match=r"\(N, 3, H, W\) in 0..1"):
        model.initialise(frame[:, :1], boxes)
    with pytest.raises(UserInputError, match=r"torch.int32"):
        model.initialise((frame * 255).int(), boxes)
    with pytest.raises(UserInputError, match=r"expected \(2, 4\)"):
        model.initialise(frame, boxes[:1])
    with pytest.raises(UserInputError, match="no height or width"):
        model.initialise(frame, boxes * torch.tensor([1.0, 1.0, 0.0, 1.0]))
    with pytest.raises(UserInputError, match="T at least 2"):
        model(square.frames[:1], boxes)
