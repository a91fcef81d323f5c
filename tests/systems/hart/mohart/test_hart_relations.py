"""Several objects a video: those of one video hear each other, in any order, and no others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from moving_square import Sequence
from saccade.errors import UserInputError
from saccade.systems.hart.build import build_tracker
from saccade.systems.hart.config import HartConfig
from saccade.systems.hart.learning.clips import ClipBatch, draw_batch
from saccade.systems.hart.learning.learner import Learner
from saccade.systems.hart.learning.pool import Pool
from saccade.systems.hart.model import Hart
from saccade.systems.hart.model_config import RelationConfig
from saccade.systems.hart.mohart.relations import MultiHart, Relations
from saccade.systems.hart.presets import smoke_preset
from saccade.systems.hart.train import make_descent
from saccade.training import fit as fit_module

SMOKE = smoke_preset()
RELATED = replace(SMOKE, relations=RelationConfig(heads=2, width=8))


def talkative(config: HartConfig = RELATED) -> MultiHart:
    """A network in which windows, boxes and messages are large enough to be seen."""
    torch.manual_seed(3)
    network = build_tracker(config).eval()
    assert isinstance(network, MultiHart)
    for name, parameter in network.named_parameters():
        if name.startswith(("update_head.2", "box_head.2", "relations.to_message")):
            torch.nn.init.normal_(parameter, std=0.3)
    return network


def crowd(objects: int = 3, length: int = 4) -> Sequence:
    """One video, once an object, with squares that go their own ways."""
    generator = torch.Generator().manual_seed(5)
    frames = torch.rand(length, 3, 48, 64, generator=generator) * 0.4
    boxes = torch.zeros(length, objects, 4)
    for t, k in np.ndindex(length, objects):
        y, x = 4 + 12 * k, 8 + 14 * k + (2 - 2 * k) * t
        frames[t, :, y : y + 10, x : x + 10] = 0.5 + 0.2 * k
        boxes[t, k] = torch.tensor([y, x, 10, 10])
    return Sequence(frames[:, None].expand(-1, objects, -1, -1, -1), boxes)


def crowd_pool(clips: int = 4, length: int = 5) -> Pool:
    """The squares as generated clips have them; the third is hidden until the last two frames."""
    frames, boxes = crowd(3, length)
    pixels = (frames[:, 0] * 255).byte().numpy()[None].repeat(clips, axis=0)
    swapped = (boxes[..., [1, 0, 3, 2]] + torch.tensor([0.5, 0.5, 0, 0])).numpy()
    seen = np.ones((clips, length, 3), np.float32)
    seen[:, : length - 2, 2] = 0
    return Pool(pixels, swapped[None].repeat(clips, axis=0), seen)


def test_attention_over_objects_is_its_formula() -> None:
    """softmax(q k / sqrt d) v over the objects of the same video, one head and object at a time."""
    torch.manual_seed(0)
    relations = Relations(RelationConfig(heads=2, width=6), units=5)
    torch.nn.init.normal_(relations.to_message.weight)
    features, place = torch.randn(4, 5), torch.rand(4, 4)
    videos = [0, 1, 0, 0]
    together = torch.tensor([[a == b for a in videos] for b in videos])
    with torch.no_grad():
        out = relations(features, place, together)
        tokens = torch.nn.functional.elu(relations.to_token(torch.cat([features, place], 1)))
        query, key, value = relations.to_query_key_value(tokens).split(6, dim=1)
        for n, video in enumerate(videos):
            others = [m for m, other in enumerate(videos) if other == video]
            heard = []
            for head in (slice(0, 3), slice(3, 6)):
                weights = torch.tensor([float(query[n, head] @ key[m, head]) for m in others])
                weights = torch.softmax(weights / 3**0.5, dim=0)
                heard.append(sum(w * value[m, head] for w, m in zip(weights, others, strict=True)))
            expected = features[n] + relations.to_message(torch.cat(heard))
            torch.testing.assert_close(out[n], expected)


def test_the_order_of_objects_has_no_say() -> None:
    network, video = talkative(), crowd()
    order = torch.tensor([2, 0, 1])
    videos = torch.zeros(3, dtype=torch.long)
    with torch.no_grad():
        straight = network(video.frames, video.boxes[0], None, videos)
        mixed = network(video.frames[:, order], video.boxes[0, order], None, videos)
    torch.testing.assert_close(mixed.box, straight.box[:, order], atol=1e-3, rtol=1e-4)
    torch.testing.assert_close(
        mixed.confidence, straight.confidence[:, order], atol=1e-4, rtol=1e-4
    )


def test_objects_of_one_video_hear_each_other_and_no_others() -> None:
    network, video = talkative(), crowd()
    other = video.boxes[0].clone()
    other[1] += torch.tensor([6.0, -5.0, 3.0, 4.0])
    with torch.no_grad():
        for videos, hears in (([0, 0, 0], True), ([7, 2, 7], False)):
            one, two = (
                network(video.frames, boxes, None, torch.tensor(videos)).box
                for boxes in (video.boxes[0], other)
            )
            assert torch.equal(one[:, [0, 2]], two[:, [0, 2]]) != hears
            assert not torch.equal(one[:, 1], two[:, 1])


def test_without_videos_each_is_alone() -> None:
    network, video = talkative(), crowd()
    with torch.no_grad():
        alone = network(video.frames, video.boxes[0])
        apart = network(video.frames, video.boxes[0], None, torch.arange(3))
        single = network(video.frames[:, :1], video.boxes[0, :1])
    torch.testing.assert_close(alone.box, apart.box, atol=1e-3, rtol=1e-4)
    torch.testing.assert_close(alone.box[:, :1], single.box, atol=1e-3, rtol=1e-4)


def test_relations_that_have_learnt_nothing_change_nothing() -> None:
    """So the weights of a single tracker can be continued; off, there is nothing but it."""
    torch.manual_seed(0)
    single = build_tracker(SMOKE).eval()
    torch.manual_seed(0)
    related = build_tracker(RELATED).eval()
    assert type(single) is Hart and isinstance(related, MultiHart)
    names = {name for name in related.state_dict() if not name.startswith("relations.")}
    assert names == set(single.state_dict())
    video, videos = crowd(), torch.zeros(3, dtype=torch.long)
    with torch.no_grad():
        expected = single(video.frames, video.boxes[0], None, videos)
        together = related(video.frames, video.boxes[0], None, videos)
    torch.testing.assert_close(together.box, expected.box)
    torch.testing.assert_close(together.window, expected.window)


def test_every_object_in_sight_at_the_start_is_a_sequence() -> None:
    pool = crowd_pool()
    batch = draw_batch(pool, 50, 3, np.random.default_rng(0))
    assert batch.videos is not None
    assert batch.frames.shape[1] == len(batch.videos) == len(batch.clips)
    counts = np.bincount(batch.videos)
    # Backwards the third object is there from the first frame on, forwards never.
    assert len(counts) == 50 and set(counts) == {2, 3}
    for video in range(50):
        (rows,) = np.nonzero(batch.videos == video)
        for row in rows:
            np.testing.assert_array_equal(batch.frames[:, row], batch.frames[:, rows[0]])
            y, x, h, w = (batch.boxes[0, row] + [0.5, 0.5, 0, 0]).round().astype(int)
            inside = batch.frames[0, row, 0, y : y + h, x : x + w]
            assert (h, w) == (10, 10) and np.ptp(inside) <= 1 and inside.min() > 120


def test_the_target_alone_is_drawn_as_before() -> None:
    pool = crowd_pool()
    alone = Pool(pool.frames, pool.boxes[:, :, 0], pool.seen[:, :, 0])
    one = draw_batch(alone, 6, 4, np.random.default_rng(7))
    all_of_them = draw_batch(pool, 6, 4, np.random.default_rng(7))
    assert one.videos is not None and all_of_them.videos is not None
    first = np.unique(all_of_them.videos, return_index=True)[1]
    assert one.frames.shape[1] == 6
    np.testing.assert_array_equal(one.boxes, all_of_them.boxes[:, first])
    np.testing.assert_array_equal(one.frames, all_of_them.frames[:, first])


def learnt(config: HartConfig, batch: ClipBatch, steps: int) -> tuple[Learner, list[float]]:
    torch.manual_seed(0)
    settings = replace(config.fit, steps=steps, warm_up=0)
    config = replace(config, fit=settings, loss=replace(config.loss, adaptive="none"))
    learner = Learner(config).train()
    descent = make_descent(settings, learner)
    optimiser, values = descent.make_optimiser(learner), []
    for step in range(steps):
        objective, _ = learner(batch, 100, np.random.default_rng(0))
        values.append(objective.total.item())
        fit_module._descend(
            learner, optimiser, fit_module.Batch(objective.total, ""), descent, step
        )
    return learner, values


def test_every_parameter_learns_and_the_loss_falls() -> None:
    batch = draw_batch(crowd_pool(), 2, 4, np.random.default_rng(1))
    torch.manual_seed(0)
    before = {name: p.detach().clone() for name, p in Learner(RELATED).named_parameters()}
    learner, values = learnt(RELATED, batch, 20)
    assert np.mean(values[-3:]) < 0.97 * np.mean(values[:3])
    for name, parameter in learner.model.relations.named_parameters():  # pyright: ignore[reportAttributeAccessIssue]
        assert parameter.grad is not None and parameter.grad.abs().max() > 0, name
        assert not torch.equal(parameter, before[f"model.relations.{name}"])


def test_an_object_learns_from_what_the_others_hear() -> None:
    """The loss of one object alone has a gradient in the window of another."""
    motion = replace(RELATED.motion, through_time=True)
    network, video = talkative(replace(RELATED, motion=motion)), crowd()
    state = network.begin(video.frames[0], video.boxes[0], torch.zeros(3, dtype=torch.long))
    window = state.window.detach().requires_grad_()
    _, prediction = network.step(video.frames[1], state._replace(window=window))
    prediction.box[0].sum().backward()
    assert window.grad is not None
    assert bool((window.grad[1:].abs().amax(dim=1) > 0).all())


def test_impossible_relations_are_refused() -> None:
    with pytest.raises(UserInputError, match="relations of 3 heads and width 64"):
        RelationConfig(heads=3)
    with pytest.raises(UserInputError, match=r"2 heads in the variant ratm.*hart, app-att"):
        replace(RELATED, variant="ratm")
    with pytest.raises(UserInputError, match="4 objects a clip of source synthetic; expected 1 to"):
        replace(SMOKE.data, objects=4)
    with pytest.raises(UserInputError, match="2 objects a clip of source kitti; expected 1 to 1"):
        replace(SMOKE.data, source="kitti", objects=2)
