"""Acting by the paper's method: the pixel of the highest Q, and a pose from the crop there."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float

from saccade.attention.pixel_argmax import argmax_2d, rescale_pixel
from saccade.systems.arm.decision import Decision
from saccade.systems.arm.off_policy.row_batches import action_draws, observed_state
from saccade.systems.arm.off_policy.rows import Pixel
from saccade.systems.arm.paper_method.learner import PaperLearner
from saccade.worlds.rgbd import Observation


class PaperPolicy:
    """Looks, crops, and gives the pose that the next-best pose agent thinks best.

    Args:
        learner: The agents, as they are at each decision.
        task: Name of the task that they learned.
    """

    def __init__(self, learner: PaperLearner, task: str = "") -> None:
        self._learner, self.task = learner, task

    def act(self, observation: Observation, rng: np.random.Generator | None = None) -> Decision:
        """Decide; with a generator, the pose is drawn from the policy (Algorithm 1).

        The pixel is never drawn: the paper explores by poses alone.
        """
        config, view = self._learner.config.rows, observation.view
        attention = self.attention(observation)
        pixel = self.look(observation, attention)
        state = observed_state(observation, pixel, config, self._learner.device)
        draws = action_draws(rng, self._learner.device)
        action = self._learner.pose.act(state, draws)[0].double().cpu().numpy()
        return Decision.at(view, pixel, config.crop, attention, action[:7], bool(action[7] > 0.5))

    def attention(self, observation: Observation) -> Float[np.ndarray, "h w"]:
        """Q of every pixel of the view; of soft attention, its logits; without any, 0."""
        learner = self._learner
        rows = learner.config.rows
        views = observed_state(observation, (0, 0), rows, learner.device).views
        if learner.attention is not None:
            return learner.attention.values(views)[0].cpu().numpy()
        return learner.pose.soft_logits(views)[0].cpu().numpy()

    def look(self, observation: Observation, attention: Float[np.ndarray, "h w"]) -> Pixel:
        """Pixel of the image that is attended (Eq. 4)."""
        view, size = observation.view, attention.shape[0]
        best = argmax_2d(torch.from_numpy(attention)[None])[0].numpy()
        x, y = rescale_pixel(best, (size, size), (view.height, view.width))
        return int(x), int(y)
