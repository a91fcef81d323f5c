"""Deciding by both networks: look at the whole view, crop there, let the pixels vote."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float

from saccade.data.keyframes import PUBLISHED_RULE
from saccade.systems.arm.decision import Decision
from saccade.systems.arm.look_and_vote.agreement import Agreement, agree
from saccade.systems.arm.look_and_vote.axes import axes_of, quaternion_of
from saccade.systems.arm.look_and_vote.batches import crop_pixels
from saccade.systems.arm.look_and_vote.images import camera_numbers, seen_at
from saccade.systems.arm.look_and_vote.look import LookNetwork, look_inputs
from saccade.systems.arm.look_and_vote.vote import VoteNetwork, vote_inputs
from saccade.worlds.rgbd import Observation

DECIDED = 0.5
"""Lead of the votes for one way round, from which on the fingers are not swapped."""


class LookAndVotePolicy:
    """Decides the next-best pose.

    Args:
        look: Network that looks, in eval mode.
        vote: Network that votes, in eval mode.
        task: Name of the task that it was trained for.
    """

    def __init__(self, look: LookNetwork, vote: VoteNetwork, task: str = "") -> None:
        self.look, self.vote, self.task = look, vote, task

    @torch.inference_mode()
    def act(self, observation: Observation, rng: np.random.Generator | None = None) -> Decision:
        """Decide; with a generator, the pixel and the pose are drawn instead of the best taken."""
        view = observation.view
        attention = self.attention(observation)
        pixel = self._pixel(observation, attention, rng)
        agreement = self._agreement(observation, pixel, rng)
        attended = view.points[pixel[1], pixel[0]]
        tip = self._way_round(observation, agreement)
        pose = np.concatenate([agreement.position + attended, tip]).astype(np.float64)
        share = np.exp(attention - attention.max())
        crop = self.vote.config.crop
        return Decision.at(view, pixel, crop, share, pose, agreement.open > 0.5)

    @torch.inference_mode()
    def attention(self, observation: Observation) -> Float[np.ndarray, "h w"]:
        """Logit of every pixel that the look network sees; less where no depth was measured.

        Raises:
            UserInputError: The view has a size that the network cannot halve.
        """
        view, known = observation.view, observation.proprioception
        self.look.config.check_view(view.height, view.width)
        stride = self.look.config.stride
        images = np.concatenate([view.rgb / np.float32(127.5) - 1, view.points], axis=2)
        inputs = look_inputs(
            images[None, ::stride, ::stride].astype(np.float32),
            known.tip_pose[None, :3].astype(np.float32),
            np.array([known.gripper_open], np.float32),
        )
        logits = self.look(inputs)[0].numpy()
        return np.where(view.depth[::stride, ::stride] > 0, logits, logits.min())

    def _pixel(
        self, observation: Observation, attention: np.ndarray, rng: np.random.Generator | None
    ) -> tuple[int, int]:
        """The most attended pixel of the image, or one drawn from the softmax."""
        stride, width = self.look.config.stride, attention.shape[1]
        if rng is None:
            best = int(attention.argmax())
        else:
            chances = np.exp((attention - attention.max()).astype(np.float64)).ravel()
            best = int(rng.choice(len(chances), p=chances / chances.sum()))
        return stride * (best % width), stride * (best // width)

    def _agreement(
        self, observation: Observation, pixel: tuple[int, int], rng: np.random.Generator | None
    ) -> Agreement:
        view, known = observation.view, observation.proprioception
        columns, rows = crop_pixels(
            np.array([pixel]), (view.height, view.width), self.vote.config.crop
        )
        camera = camera_numbers(view.intrinsics, view.T_world_camera)[None]
        images = seen_at(view.rgb[None], view.depth[None], camera, columns, rows)
        maps, numbers = vote_inputs(
            images,
            view.points[pixel[1], pixel[0]][None],
            known.tip_pose[None, :3].astype(np.float32),
            axes_of(known.tip_pose[None, 3:]),
            np.array([known.gripper_open], np.float32),
        )
        return agree(self.vote(maps, numbers), _is_free(observation), rng)

    def _way_round(self, observation: Observation, agreement: Agreement) -> np.ndarray:
        """The quaternion; a free hand closes the way round that most votes want.

        Where they do not care, it is the shorter turn from now.
        """
        axes, way = agreement.axes.astype(np.float64), agreement.way
        if abs(way) < DECIDED:
            way = axes[3:] @ axes_of(observation.proprioception.tip_pose[3:])[3:]
        if _is_free(observation) and way < 0:
            axes = np.concatenate([axes[:3], -axes[3:]])
        return quaternion_of(axes)


def _is_free(observation: Observation) -> bool:
    return observation.proprioception.gripper_open > PUBLISHED_RULE.open_above
