"""Soft actor-critic (Haarnoja et al. 2018) with a learned weight of the entropy, on states."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from saccade.systems.smak.agent.config import AgentConfig
from saccade.systems.smak.agent.perceptrons import Adam, Perceptrons

LOG_STD = (-5.0, 1.0)
"""Least and largest logarithm of the actor's standard deviation."""
FIRST_SCALE = 0.01
"""Scale of the first weights of the actor's last layer: it begins in the middle of its actions."""

States = Float[np.ndarray, "n s"]
Actions = Float[np.ndarray, "n a"]
EachRow = Float[np.ndarray, " n"]


@dataclass(frozen=True, eq=False)
class Transitions:
    """Steps in the world, n of them, float32.

    Attributes:
        states: States before (n, s), scaled.
        actions: Actions in -1..1 (n, a).
        rewards: Rewards (n,).
        next_states: States after (n, s), scaled.
        terminal: 1 where nothing comes afterwards (n,); 0 also where only time was over.
    """

    states: States
    actions: Actions
    rewards: EachRow
    next_states: States
    terminal: EachRow


@dataclass(frozen=True, eq=False)
class Drawn:
    """Actions that were drawn from the actor, and what their gradients need.

    Attributes:
        layers: Layers of the actor's network.
        noise: Standard normal noise that they were made of (n, a).
        std: Standard deviations (n, a).
        actions: The actions (n, a).
        log_prob: Logarithms of their densities (n,).
    """

    layers: tuple[np.ndarray, ...]
    noise: Actions
    std: Actions
    actions: Actions
    log_prob: EachRow


class Actor:
    """A Gaussian through tanh, its mean and standard deviation by a network of the state.

    Args:
        inputs: Numbers of a state.
        actions: Numbers of an action.
        units: Units of each hidden layer.
        rng: Source of the first weights.
    """

    def __init__(self, inputs: int, actions: int, units: int, rng: np.random.Generator) -> None:
        self.network = Perceptrons(1, inputs, units, 2 * actions, rng)
        self.network.weights[-1] *= FIRST_SCALE
        self._actions = actions

    def mode(self, states: States) -> Actions:
        """The middle action of each state."""
        return np.tanh(self.network(states[None])[0, :, : self._actions])

    def draw(self, states: States, rng: np.random.Generator) -> Drawn:
        """An action for each state."""
        layers = self.network.forward(states[None])
        mean, raw = layers[-1][0, :, : self._actions], layers[-1][0, :, self._actions :]
        low, high = LOG_STD
        log_std = low + (high - low) / 2 * (np.tanh(raw) + 1)
        noise, std = rng.standard_normal(mean.shape, np.float32), np.exp(log_std)
        z = mean + std * noise
        gaussian = -0.5 * noise * noise - log_std - 0.5 * math.log(2 * math.pi)
        # log(1 - tanh(z)^2), which overflows nowhere.
        squeeze = 2 * (math.log(2) - z - np.logaddexp(np.float32(0), -2 * z))
        log_prob = (gaussian - squeeze).sum(axis=1)
        return Drawn(layers, noise, std, np.tanh(z), log_prob)

    def gradient(
        self, drawn: Drawn, in_actions: Actions, in_log_prob: float
    ) -> Float[np.ndarray, " p"]:
        """Gradient of a loss in the parameters.

        Args:
            drawn: The actions.
            in_actions: Gradient of the loss in the actions.
            in_log_prob: Gradient of the loss in each logarithm of a density.
        """
        a = drawn.actions
        # The density falls by log(1 - tanh(z)^2), whose slope is -2 tanh(z), and by log_std.
        in_z = in_actions * (1 - a * a) + in_log_prob * 2 * a
        in_log_std = in_z * drawn.std * drawn.noise - in_log_prob
        low, high = LOG_STD
        squashed = np.tanh(drawn.layers[-1][0, :, self._actions :])
        in_raw = in_log_std * (high - low) / 2 * (1 - squashed * squashed)
        slope = np.concatenate([in_z, in_raw], axis=1)[None]
        return self.network.backward(drawn.layers, slope)[1]


class SoftActorCritic:
    """Actor, twin critics, their targets, and the weight of the entropy.

    Args:
        config: Settings.
        inputs: Numbers of a state.
        actions: Numbers of an action.
        rng: Source of the first weights and of all draws.
    """

    def __init__(
        self, config: AgentConfig, inputs: int, actions: int, rng: np.random.Generator
    ) -> None:
        self.config, self._rng, self._inputs = config, rng, inputs
        self.actor = Actor(inputs, actions, config.units, rng)
        self.critics = Perceptrons(2, inputs + actions, config.units, 1, rng)
        self.targets = Perceptrons(2, inputs + actions, config.units, 1, rng)
        self.targets.parameters[:] = self.critics.parameters
        self.log_alpha = np.full(1, math.log(config.first_alpha), np.float32)
        self._least_entropy = -float(actions)  # Haarnoja et al., appendix D
        rate = config.learning_rate
        self._actor_adam = Adam(self.actor.network.parameters, rate)
        self._critic_adam = Adam(self.critics.parameters, rate)
        self._alpha_adam = Adam(self.log_alpha, rate)

    @property
    def alpha(self) -> float:
        """Weight of the entropy."""
        return math.exp(float(self.log_alpha[0]))

    def explore(self, state: Float[np.ndarray, " s"]) -> Float[np.ndarray, " a"]:
        """An action for a scaled state, drawn from the policy."""
        return self.actor.draw(state[None], self._rng).actions[0]

    def update(self, batch: Transitions) -> dict[str, float]:
        """One step of the critics, then of the actor, of the entropy's weight and the targets."""
        n = len(batch.rewards)
        layers = self.critics.forward(_pairs(batch.states, batch.actions))
        error = layers[-1] - self._targets(batch)[None, :, None]
        self._critic_adam.step(self.critics.backward(layers, 2 / n * error)[1])
        entropy = self._update_actor(batch.states)
        self._alpha_adam.step(np.full(1, entropy - self._least_entropy, np.float32))
        moved = self.critics.parameters - self.targets.parameters
        self.targets.parameters += self.config.tau * moved
        return {
            "critic_loss": float(np.square(error).sum() / n),
            "q": float(layers[-1].mean()),
            "entropy": entropy,
            "alpha": self.alpha,
        }

    def _targets(self, batch: Transitions) -> EachRow:
        """r + gamma (min Q'(s', a') - alpha log pi(a' | s')), a' from the policy."""
        drawn = self.actor.draw(batch.next_states, self._rng)
        q = self.targets(_pairs(batch.next_states, drawn.actions))[..., 0].min(axis=0)
        value = q - self.alpha * drawn.log_prob
        return batch.rewards + self.config.discount * (1 - batch.terminal) * value

    def _update_actor(self, states: States) -> float:
        """One step down the mean of alpha log pi(a | s) - min Q(s, a), a from the policy.

        Returns:
            The policy's entropy.
        """
        n, drawn = len(states), self.actor.draw(states, self._rng)
        layers = self.critics.forward(_pairs(states, drawn.actions))
        smaller = layers[-1] == layers[-1].min(axis=0)
        in_pairs, _ = self.critics.backward(layers, -smaller.astype(np.float32) / n)
        in_actions = in_pairs.sum(axis=0)[:, self._inputs :]
        self._actor_adam.step(self.actor.gradient(drawn, in_actions, self.alpha / n))
        return -float(drawn.log_prob.mean())


def _pairs(states: States, actions: Actions) -> Float[np.ndarray, "2 n _"]:
    """What both critics are given."""
    return np.repeat(np.concatenate([states, actions], axis=1)[None], 2, axis=0)
