"""An agent that learns to push one object into the box, from a reward of one kind or another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import gymnasium

from saccade.checks import check_choice
from saccade.data.multi_view.sequence import MultiViewSequence
from saccade.data.tracking.frames import ArrayFrames
from saccade.systems.smak.agent.config import AgentConfig
from saccade.systems.smak.agent.learn import Learned, learn, success_on_starts
from saccade.systems.smak.agent.wrappers import (
    HeldActions,
    LastsForever,
    WithTime,
)
from saccade.systems.smak.reward import (
    DemonstrationReward,
    Embedder,
    Reward,
    goal_reward,
    tracking_reward,
)
from saccade.worlds.push_one import PLAIN, Look, PushOneConfig, PushOneEnv
from saccade.worlds.push_one.expert import Ending
from saccade.worlds.push_one.record import PushSequence, Recorder

Form = Literal["goal", "tracking"]
FORMS: tuple[Form, ...] = ("goal", "tracking")


@dataclass(frozen=True)
class Taught:
    """A reward of demonstrations, with what it sees pictures with."""

    embedder: Embedder
    reward: Reward


def taught(
    embedder: Embedder,
    demonstrations: Sequence[MultiViewSequence],
    form: Form = "goal",
    held: int = 1,
) -> Taught:
    """The reward of demonstrations' first views.

    Args:
        embedder: Embedder of pictures.
        demonstrations: Demonstrations that succeed.
        form: "goal", XIRL's, of where all end; or "tracking", TCN's, of the first one over time.
        held: Frames of the demonstrations between two decisions of the learner.

    Raises:
        UserInputError: There are no demonstrations, or they end where they begin.
    """
    check_choice("form", form, FORMS)
    if form == "tracking":
        return Taught(embedder, tracking_reward(embedder(demonstrations[0].frames(0))[::held]))
    return Taught(embedder, goal_reward([embedder(each.frames(0)) for each in demonstrations]))


def learn_push_one(
    reward: Literal["sparse", "dense"] | Taught,
    seed: int,
    config: AgentConfig | None = None,
    world: PushOneConfig | None = None,
    look: Look = PLAIN,
    told: Callable[[dict[str, float]], None] = lambda _: None,
) -> Learned:
    """Learn from one kind of reward; the policy sees the state, and a taught reward pictures.

    Args:
        reward: The world's "sparse" or "dense" reward, or one of demonstrations.
        seed: Seed of everything.
        config: Settings of the agent.
        world: Settings of the world.
        look: Look of the world, which a taught reward sees.
        told: Function that is told the metrics of every test.
    """
    config, world = config or AgentConfig(), world or PushOneConfig()
    own = "sparse" if isinstance(reward, Taught) else reward
    env = PushOneEnv(world, own, look, render_mode="rgb_array")
    tests = PushOneEnv(world)
    rewarded = _rewarded(HeldActions(env, config.held), reward, config.discount)
    judged = _timed(HeldActions(tests, config.held), reward)
    try:
        test = success_on_starts(judged, config.test_episodes)
        return learn(rewarded, config, seed, test, told)
    finally:
        env.close()


def _rewarded(
    env: gymnasium.Env, reward: Literal["sparse", "dense"] | Taught, discount: float
) -> gymnasium.Env:
    """The world with that reward."""
    if isinstance(reward, Taught):
        shown = DemonstrationReward(env, reward.embedder, reward.reward, discount)
        return _timed(shown, reward)
    return LastsForever(env, discount)


def _timed(env: gymnasium.Env, reward: str | Taught) -> gymnasium.Env:
    """The world, whose observation has the time where the reward depends on it."""
    length = reward.reward.length if isinstance(reward, Taught) else 0
    return WithTime(env, length) if length else env


def demonstrate(
    seeds: Sequence[int],
    ending: Ending = "success",
    views: int = 2,
    world: PushOneConfig | None = None,
    look: Look | None = None,
) -> list[tuple[MultiViewSequence, PushSequence]]:
    """The expert's episodes, as sequences and with their true progress.

    Args:
        seeds: Seeds of the episodes.
        ending: How they end.
        views: Views of each.
        world: Settings of the world.
        look: Look of all; None draws one for each, and cameras.

    Raises:
        UserInputError: There is no GL to render with.
    """
    recorder = Recorder(world, views, look)
    try:
        episodes = [(seed, recorder.expert(seed, ending)) for seed in seeds]
    finally:
        recorder.close()
    return [(sequence_of(f"{ending}_{seed:06d}", episode), episode) for seed, episode in episodes]


def sequence_of(name: str, episode: PushSequence) -> MultiViewSequence:
    """A recorded episode as a sequence, which `data.multi_view` writes."""
    views = tuple(ArrayFrames(frames) for frames in episode.frames)
    return MultiViewSequence(name, views, episode.phases)
