"""Training what values pushes: GlimpseQ on crops, or a PushReward network on whole maps."""

from __future__ import annotations

import copy
from collections.abc import Iterable

import numpy as np
import torch
import torch.nn.functional as F

from saccade.data.push_episodes import PushEpisode
from saccade.systems.push.attention import Attention
from saccade.systems.push.config import PushConfig
from saccade.systems.push.glimpse_q import GlimpseQ, glimpse_inputs, mirror_inputs
from saccade.systems.push.glimpse_samples import (
    GlimpseSamples,
    GoalMix,
    episode_samples,
    join_samples,
    sample_goals,
)
from saccade.systems.push.losses import (
    at_actions,
    huber_error,
    kernel_error,
    squared_error,
    temporal_difference_target,
)
from saccade.systems.push.map_samples import (
    MapSamples,
    join_map_samples,
    map_samples,
    to_network,
)
from saccade.systems.push.model import RotatingReward, build_reward_network
from saccade.systems.push.targets import gains_and_losses
from saccade.training.device import CPU
from saccade.training.fit import Batch, Descent, Session, fit
from saccade.training.plain import to_plain
from saccade.training.precision import reduced


class GlimpseLearner:
    """Fits GlimpseQ to everything recorded so far, under recorded and imagined goals.

    Args:
        config: Settings of the system.
        seed: Seed of the network.
        device: Device that the network is trained on.
    """

    def __init__(self, config: PushConfig, seed: int, device: torch.device = CPU) -> None:
        torch.manual_seed(seed)
        self.config, self._device = config, device
        self.network = GlimpseQ(config.glimpse).to(device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self._parts: list[GlimpseSamples] = []
        self._episodes = 0

    def add(self, episodes: Iterable[PushEpisode], keep_old: bool = True) -> None:
        """Take in recorded pushes; without `keep_old`, forget the earlier ones."""
        if not keep_old:
            self._parts = []
        for episode in episodes:
            part = episode_samples(episode, self._episodes, self.config.glimpse.glimpse)
            self._episodes += 1
            if part is not None:
                self._parts.append(part)
        self._parts = [join_samples(self._parts)] if self._parts else []

    def fit(self, session: Session, stage: str, descent: Descent, batch: int, seed: int) -> None:
        """Train for one stage."""
        assert self._parts, "add() recorded pushes first"
        config, device, samples = self.config, self._device, self._parts[0]
        workspace = config.world.scene.workspace
        box = config.world.scene.box
        fell = (samples.effects.left > 0).any(axis=1)
        pools = np.arange(len(samples)), np.flatnonzero(fell)

        def loss(rng: np.random.Generator, step: int) -> Batch:
            index = _draw(pools, batch, config.offline.oversample, rng)
            chosen = samples[index]
            goals, recorded = sample_goals(chosen, box, workspace, GoalMix(), rng)
            gain, lost = gains_and_losses(chosen.effects, goals, recorded, workspace)
            inputs, scalars = glimpse_inputs(
                chosen.heights.astype(np.float32), chosen.rows, chosen.cols, chosen.directions,
                goals, workspace, config.glimpse.glimpse,
            )  # fmt: skip
            mirror_inputs(inputs, scalars, rng.random(len(index)) < 0.5)
            x = torch.from_numpy(inputs).contiguous(memory_format=torch.channels_last).to(device)
            with reduced(config.precision, device):
                out = self.network(x, torch.from_numpy(scalars).to(device)).float()
            gain_loss = F.smooth_l1_loss(out[:, 0], torch.from_numpy(gain).float().to(device))
            target = torch.from_numpy(lost > 0).float().to(device)
            lost_loss = F.binary_cross_entropy_with_logits(out[:, 1], target)
            values = {"gain": gain_loss.item(), "lost": lost_loss.item()}
            return Batch(gain_loss + lost_loss, f"pushes {index.tolist()}", values)

        fit(session, stage, self.network, loss, descent, to_plain(config), seed)


class MapLearner:
    """Fits a PushReward network to recorded pushes: temporal differences at the executed pixels.

    Args:
        config: Settings of the system.
        seed: Seed of the network.
        attention: Choice of the pushes that the next state's maximum is over (gamma > 0).
        device: Device that the network is trained on.
    """

    def __init__(
        self, config: PushConfig, seed: int, attention: Attention, device: torch.device = CPU
    ) -> None:
        torch.manual_seed(seed)
        self.config, self._attention, self._device = config, attention, device
        self.network = build_reward_network(config).to(device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self._target = copy.deepcopy(self.network).eval()
        self._samples: MapSamples | None = None
        self._episodes = 0

    def add(self, episodes: Iterable[PushEpisode], keep_old: bool = True) -> None:
        """Take in recorded pushes; without `keep_old`, forget the earlier ones."""
        scene = self.config.world.scene
        centre = scene.workspace.to_pixel(*scene.workspace.centre)
        target = scene.box.mouth(scene.workspace) if scene.box else centre
        new = map_samples(episodes, target, first_episode=self._episodes)
        self._episodes += len(set(new.episode.tolist()))
        old = self._samples if keep_old else None
        self._samples = new if old is None else join_map_samples([old, new])

    def fit(self, session: Session, stage: str, descent: Descent, batch: int, seed: int) -> None:
        """Train for one stage."""
        samples = self._samples
        assert samples is not None, "add() recorded pushes first"
        pools = np.arange(len(samples)), np.flatnonzero(samples.fell)

        def loss(rng: np.random.Generator, step: int) -> Batch:
            index = _draw(pools, batch, self.config.offline.oversample, rng)
            if self.config.gamma and step % self.config.online.target_update == 0:
                self._target.load_state_dict(self.network.state_dict())
            targets = self._targets(samples, index)
            actions = torch.from_numpy(samples.actions[index]).to(self._device)
            maps = to_network(samples.maps(index), self._device)
            with reduced(self.config.precision, self._device):
                error = self._error(maps, actions, targets)
            return Batch(error, f"pushes {index.tolist()}")

        extra = {"target": self._target}
        fit(session, stage, self.network, loss, descent, to_plain(self.config), seed, extra)

    def _targets(self, samples: MapSamples, index: np.ndarray) -> torch.Tensor:
        device = self._device
        reward = torch.from_numpy(samples.rewards[self.config.reward][index]).float().to(device)
        if not self.config.gamma:
            return reward
        after = samples.maps(index, after=True)
        done = torch.from_numpy(samples.done[index]).float().to(device)
        allowed = np.stack([self._attention.factors(m[0].numpy())[0] for m in after])
        after = to_network(after, device)
        with torch.no_grad(), reduced(self.config.precision, device):
            online = self.network(after).relu().float()
            target = self._target(after).relu().float()
        return temporal_difference_target(
            reward, online, target, done, self.config.gamma, torch.from_numpy(allowed).to(device)
        )

    def _error(
        self, maps: torch.Tensor, actions: torch.Tensor, targets: torch.Tensor
    ) -> torch.Tensor:
        if isinstance(self.network, RotatingReward):
            pixel = actions.clone()
            pixel[:, 2] = 0
            q = at_actions(self.network.along(maps, actions[:, 2]), pixel)
            return F.smooth_l1_loss(q, targets)
        q = self.network(maps).float()
        sigma = self.config.offline.kernel_sigma
        if sigma:
            return kernel_error(q, actions, targets, sigma)
        error = huber_error if self.config.reward == "report" else squared_error
        return error(q, actions, targets)


def make_learner(
    config: PushConfig, seed: int, attention: Attention, device: torch.device = CPU
) -> GlimpseLearner | MapLearner:
    """The learner of a configuration's network."""
    if config.network == "glimpse":
        return GlimpseLearner(config, seed, device)
    return MapLearner(config, seed, attention, device)


def _draw(
    pools: tuple[np.ndarray, np.ndarray], n: int, oversample: float, rng: np.random.Generator
) -> np.ndarray:
    """n samples, a share of them from those in which an object left the table."""
    everything, fell = pools
    rare = round(n * oversample) if len(fell) else 0
    return np.concatenate([rng.choice(everything, n - rare), rng.choice(fell, rare)])


Learner = GlimpseLearner | MapLearner
