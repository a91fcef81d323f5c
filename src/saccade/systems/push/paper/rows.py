"""The rows of the papers' tables: how each is trained here, and what was published for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from saccade.attention.edge_mask import EdgeMaskConfig
from saccade.systems.push.config import (
    DataConfig,
    FitConfig,
    OnlineConfig,
    PushConfig,
)
from saccade.systems.push.rollout import Protocol
from saccade.verbs import rows as verb
from saccade.worlds.push_box import BoxPlacement, SceneConfig, WorldConfig

PAPER_ORDER = (
    "densenet-offline",
    "densenet-online",
    "hourglass-offline-mask",
    "hourglass-offline",
    "hourglass-pos-offline-mask",
    "hourglass-pos-offline",
    "hourglass-online-mask",
    "hourglass-online",
    "hourglass-online-mask-04",
    "hourglass-online-04",
    "hourglass-pos-online-mask",
    "hourglass-pos-online-mask-04",
)
"""Rows of the paper's Table I."""
BATCH, GLIMPSE_BATCH = 16, 256
REPORT_PROTOCOL = Protocol(patience=5)
PAPER_PROTOCOL = Protocol(patience=10)

Published = tuple[float, float, float, float, float]
"""Mean objects in the box, on the ground, on the table, actions; objects in the box an action."""


@dataclass(frozen=True)
class Budget:
    """What every trained row of the tables gets: the same pushes, the same gradient samples.

    Attributes:
        episodes: Recorded scenarios of up to 20 pushes that all offline rows share.
        offline_samples: Samples of gradient descent on them, 16 maps a step; GlimpseQ takes as many
            steps, of 256 glimpses, which cost less than the maps.
        online_pushes: Pushes that each online row makes itself, in rounds of about 100.
        online_samples: Samples of gradient descent on those.
        scenarios: Scenarios that every row plays.
        privileged_candidates: Pushes that the privileged policy tries before each one it makes.
    """

    episodes: int = 500
    offline_samples: int = 8_000
    online_pushes: int = 600
    online_samples: int = 2_400
    scenarios: int = 100
    privileged_candidates: int = 24


@dataclass(frozen=True)
class Row(verb.Row):
    """One row: a policy, evaluated on the scenarios of its section.

    Attributes:
        section: Title of the row's table.
        objects: Number of objects of each scenario.
        protocol: Rules of an episode: when it ends.
        published: Figures of the papers, where they have the row.
        policy: Name of a baseline, "shipped", or "" for a trained row.
        evaluate_only: Whether it shares the base's weights, and only the mask at test time differs.
        world: World that the row is evaluated in.
    """

    config: PushConfig | None = None
    section: str = ""
    objects: int = 10
    protocol: Protocol = PAPER_PROTOCOL
    published: Published | None = None
    policy: str = ""
    evaluate_only: bool = False
    world: WorldConfig = field(default_factory=WorldConfig)


BASELINES = "Without learning, and ours"
REPORT_ONE = "The report's Table I: one object"
REPORT_TEN = "The report's Table II: ten objects"
PAPER = "The paper's Table I: ten objects"
TASKS = "The mask in other tasks"
OURS = "Past the papers: ten objects, the same budget unless said"


def offline_config(network: str, mask: str, budget: Budget) -> PushConfig:
    """Offline learning from the shared recording; the mask is the shipped, frozen PushMask."""
    config = PushConfig()
    edge = config.mask.edge if network == "glimpse" else EdgeMaskConfig()
    batch = GLIMPSE_BATCH if network == "glimpse" else BATCH
    steps = max(1, budget.offline_samples // BATCH)
    return replace(
        config,
        network=network,
        mask=replace(config.mask, kind=mask, edge=edge, weights="shipped", train=mask == "learned"),
        data=DataConfig(episodes=budget.episodes, uniform=0.5, near=0.0, min_objects=1),
        offline=FitConfig(
            steps=steps,
            batch=batch,
            learning_rate=1e-3,
            checkpoint_every=steps,
        ),
        online=replace(config.online, rounds=0),
    )


def online_config(base: PushConfig, gamma: float, budget: Budget, **changes) -> PushConfig:
    """Go on from an offline row by acting: rounds of five episodes of up to 20 pushes."""
    rounds = max(1, budget.online_pushes // 100)
    online = OnlineConfig(
        rounds=rounds,
        episodes=5,
        single=0.0,
        pushes=20,
        steps=max(1, budget.online_samples // BATCH // rounds),
        batch=base.offline.batch,
        learning_rate=3e-4,
    )
    data = replace(base.data, min_objects=10, max_objects=10)
    return replace(base, gamma=gamma, online=online, data=data, **changes)


def _with_kernel(config: PushConfig) -> PushConfig:
    """Kernel loss, and a quarter of each batch from pushes that dropped an object."""
    return replace(config, offline=replace(config.offline, kernel_sigma=2.0, oversample=0.25))


def rows(budget: Budget) -> list[Row]:
    """All rows, in the order of the tables."""
    learned = {row.key: row for row in [*_bases(budget), *_online(budget), *_ours(budget)]}
    paper = [learned.pop(key) for key in PAPER_ORDER]
    return [*_report(budget), *paper, *_baselines(), *learned.values(), *_tasks()]


def _bases(budget: Budget) -> list[Row]:
    densenet = offline_config("densenet", "none", budget)
    glass = offline_config("hourglass", "learned", budget)
    position = offline_config("hourglass-pos", "learned", budget)
    return [
        Row("densenet-offline", "DenseNet", section=PAPER, published=(4.56, 4.38, 1.06, 18.0, 0.25),
            config=densenet),
        Row("hourglass-offline-mask", "HGlassN, mask", section=PAPER, config=glass,
            published=(7.80, 2.15, 0.05, 23.7, 0.33)),
        Row("hourglass-pos-offline-mask", "HGlassN-Pos, mask", section=PAPER, config=position,
            published=(8.05, 1.48, 0.47, 28.2, 0.29)),
        Row("kernel-offline", "HGlassN, mask, kernel loss, box events oversampled", section=OURS,
            config=_with_kernel(glass)),
        Row("glimpse-offline", "GlimpseQ, mask", section=OURS, config=offline_config(
            "glimpse", "learned", budget)),
    ]  # fmt: skip


def _baselines() -> list[Row]:
    names: dict[str, str] = {
        "random": "random",
        "edge": "edge mask + random",
        "scripted": "scripted: edge mask, best direction",
        "shipped-unmasked": "GlimpseQ, shipped weights, no mask",
        "shipped": "GlimpseQ, shipped weights (edge mask)",
        "privileged": "privileged: tries pushes in a copy of the simulator",
    }
    out = []
    for objects in (10, 1):
        count = "ten objects" if objects == 10 else "one object"
        section = f"{BASELINES}: {count}"
        out += [
            Row(f"{name}-{objects}", label, section=section, objects=objects, policy=name)
            for name, label in names.items()
        ]
    return out


def _report(budget: Budget) -> list[Row]:
    """The report's loop: DenseNet, 16 rotations, online from scratch, edge mask or none."""
    published: dict[tuple[int, str], Published] = {
        (1, "edge"): (0.99, 0.01, 0.00, 3.19, 0.31),
        (1, "none"): (0.92, 0.07, 0.01, 3.67, 0.25),
        (10, "edge"): (7.39, 2.47, 0.14, 19.00, 0.39),
        (10, "none"): (4.20, 1.63, 4.17, 21.32, 0.20),
    }
    out = []
    for (objects, mask), figures in published.items():
        base = offline_config("densenet-rotate", mask, budget)
        base = replace(base, reward="report", offline=replace(base.offline, steps=0))
        whole = replace(budget, online_samples=budget.offline_samples // 2 + budget.online_samples)
        config = online_config(base, 0.0, whole)
        config = replace(
            config,
            data=replace(config.data, episodes=0, min_objects=objects, max_objects=objects),
            # Episodes of one object are over after a few pushes.
            online=replace(config.online, episodes=5 if objects > 1 else 20),
        )
        label = "DQN with edge mask" if mask == "edge" else "DQN, no mask"
        section = REPORT_ONE if objects == 1 else REPORT_TEN
        out.append(
            Row(f"report-{objects}-{mask}", label, section=section, objects=objects,
                protocol=REPORT_PROTOCOL, published=figures, config=config)
        )  # fmt: skip
    return out


def _online(budget: Budget) -> list[Row]:
    glass = offline_config("hourglass", "learned", budget)
    bare = replace(glass, mask=replace(glass.mask, kind="none"))
    position = offline_config("hourglass-pos", "learned", budget)
    densenet = offline_config("densenet", "none", budget)
    rows_: list[tuple[str, str, str, PushConfig, float, Published]] = [
        ("densenet-online", "DenseNet, online", "densenet-offline", densenet, 0.0,
         (5.38, 1.17, 3.45, 21.5, 0.25)),
        ("hourglass-online-mask", "HGlassN, online, mask, gamma 0", "hourglass-offline-mask",
         glass, 0.0, (8.96, 1.01, 0.03, 21.5, 0.42)),
        ("hourglass-online", "HGlassN, online, gamma 0", "hourglass-offline-mask", bare, 0.0,
         (8.94, 1.00, 0.06, 23.2, 0.39)),
        ("hourglass-online-mask-04", "HGlassN, online, mask, gamma 0.4",
         "hourglass-offline-mask", glass, 0.4, (8.00, 1.98, 0.02, 20.6, 0.39)),
        ("hourglass-online-04", "HGlassN, online, gamma 0.4", "hourglass-offline-mask", bare, 0.4,
         (7.61, 2.11, 0.28, 21.1, 0.36)),
        ("hourglass-pos-online-mask", "HGlassN-Pos, online, mask, gamma 0",
         "hourglass-pos-offline-mask", position, 0.0, (6.66, 2.89, 0.45, 24.2, 0.28)),
        ("hourglass-pos-online-mask-04", "HGlassN-Pos, online, mask, gamma 0.4",
         "hourglass-pos-offline-mask", position, 0.4, (6.59, 3.16, 0.25, 24.0, 0.27)),
    ]  # fmt: skip
    trained = [
        Row(key, label, section=PAPER, published=published, base=base,
            config=online_config(config, gamma, budget))
        for key, label, base, config, gamma, published in rows_
    ]  # fmt: skip
    return [
        Row("hourglass-offline", "HGlassN", section=PAPER, published=(7.76, 1.90, 0.34, 26.6, 0.29),
            base="hourglass-offline-mask", evaluate_only=True, config=bare),
        Row("hourglass-pos-offline", "HGlassN-Pos", section=PAPER,
            published=(6.71, 1.21, 2.08, 30.0, 0.22), base="hourglass-pos-offline-mask",
            evaluate_only=True,
            config=replace(position, mask=replace(position.mask, kind="none"))),
        *trained,
    ]  # fmt: skip


def _ours(budget: Budget) -> list[Row]:
    glimpse = offline_config("glimpse", "learned", budget)
    glass = offline_config("hourglass", "learned", budget)
    kernel = _with_kernel(glass)
    soft = replace(glass, mask=replace(glass.mask, soft=True))
    return [
        Row("hourglass-soft", "HGlassN, soft mask product", section=OURS,
            base="hourglass-offline-mask", evaluate_only=True, config=soft),
        Row("kernel-online", "HGlassN, online, mask, kernel loss, box events oversampled",
            section=OURS, base="kernel-offline", config=online_config(kernel, 0.0, budget)),
        Row("glimpse-edge", "GlimpseQ, edge mask", section=OURS, base="glimpse-offline",
            evaluate_only=True, config=replace(glimpse, mask=replace(glimpse.mask, kind="edge"))),
        Row("glimpse-none", "GlimpseQ, no mask", section=OURS, base="glimpse-offline",
            evaluate_only=True, config=replace(glimpse, mask=replace(glimpse.mask, kind="none"))),
        Row("glimpse-online", "GlimpseQ, online, mask", section=OURS, base="glimpse-offline",
            config=online_config(glimpse, 0.0, budget)),
    ]  # fmt: skip


def _tasks() -> list[Row]:
    """The same frozen PushMask, other tasks: gathering in a disc, a box at another edge."""
    gather = WorldConfig(scene=SceneConfig(box=None))
    moved = WorldConfig(scene=SceneConfig(box=BoxPlacement("top")))
    tasks = (
        ("gather", f"{TASKS}: gather 5 objects in a disc of radius 8 cm", 5, gather),
        ("moved", f"{TASKS}: 10 objects into a box at the top edge", 10, moved),
    )
    labels = {
        "edge": "edge mask + random",
        "scripted": "scripted: edge mask, best direction",
        "shipped-unmasked": "GlimpseQ, shipped weights, no mask",
        "shipped-pushmask": "GlimpseQ, shipped weights, the frozen PushMask",
        "shipped": "GlimpseQ, shipped weights (edge mask)",
        "privileged": "privileged",
    }
    return [
        Row(f"{task}-{policy}", label, section=section, objects=objects, policy=policy, world=world)
        for task, section, objects, world in tasks
        for policy, label in labels.items()
    ]
