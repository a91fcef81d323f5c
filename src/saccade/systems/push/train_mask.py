"""Training PushMask: on heuristic masks, then on executed pushes; its threshold by F-score."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F

from saccade.attention.edge_mask import edge_mask
from saccade.statistics import PrecisionRecall, precision_recall
from saccade.systems.push.config import MaskConfig
from saccade.systems.push.losses import at_actions, change_error
from saccade.systems.push.map_samples import MapSamples, mirror_maps
from saccade.systems.push.model import PushMask
from saccade.training.fit import Batch, Descent, Session, fit
from saccade.training.plain import to_plain

HELD_OUT = 10
"""Every tenth episode is held out."""
POSITIVE_WEIGHT = 4.0
"""Heuristic masks are mostly empty: valid pushes weigh more."""


def held_out(samples: MapSamples) -> np.ndarray:
    """Which samples are held out from training (boolean)."""
    return samples.episode % HELD_OUT == 0


def train_mask(
    session: Session, config: MaskConfig, samples: MapSamples, seed: int
) -> tuple[PushMask, float]:
    """Both stages of PushMask and the choice of its threshold.

    Args:
        session: The run's sitting.
        config: The mask's settings.
        samples: Recorded pushes.
        seed: Of the network and the batches.

    Returns:
        The trained network and its threshold.
    """
    torch.manual_seed(seed)
    network = PushMask(config.network).to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    train = np.flatnonzero(~held_out(samples))

    def on_heuristic(rng: np.random.Generator, step: int) -> Batch:
        index = rng.choice(train, config.batch)
        maps = samples.maps(index)
        target = torch.from_numpy(
            np.stack([edge_mask(m[0].numpy(), config.edge) for m in maps]).astype(np.float32)
        )
        logits = network(maps.contiguous(memory_format=torch.channels_last))
        weight = torch.tensor(POSITIVE_WEIGHT)
        loss = F.binary_cross_entropy_with_logits(logits, target, pos_weight=weight)
        return Batch(loss, f"pushes {index.tolist()}")

    def on_pushes(rng: np.random.Generator, step: int) -> Batch:
        index = rng.choice(train, config.batch)
        maps, actions = samples.maps(index), torch.from_numpy(samples.actions[index])
        if rng.random() < 0.5:
            maps, actions = mirror_maps(maps, actions)
        logits = network(maps.contiguous(memory_format=torch.channels_last))
        changed = torch.from_numpy(samples.changed[index] >= config.changed_pixels).float()
        loss = change_error(logits, actions, changed, config.kernel_sigma)
        return Batch(loss, f"pushes {index.tolist()}")

    plain = to_plain(config)
    descent = Descent(config.heuristic_steps, config.learning_rate)
    fit(session, "mask-heuristic", network, on_heuristic, descent, plain, seed)
    descent = replace(descent, steps=config.refine_steps)
    fit(session, "mask", network, on_pushes, descent, plain, seed + 1)
    threshold = config.threshold
    if not threshold:
        test = np.flatnonzero(held_out(samples))
        curve = mask_curve(network, samples, test, config.changed_pixels)
        threshold = float(curve.best_threshold)
    return network, threshold


def mask_curve(
    network: PushMask, samples: MapSamples, index: np.ndarray, changed_pixels: int
) -> PrecisionRecall:
    """Precision and recall of "this push changes the scene" on executed pushes (Fig. 5)."""
    network.eval()
    scores = []
    with torch.inference_mode():
        for start in range(0, len(index), 16):
            part = index[start : start + 16]
            maps = samples.maps(part).contiguous(memory_format=torch.channels_last)
            logits = network(maps)
            scores.append(at_actions(logits, torch.from_numpy(samples.actions[part])).sigmoid())
    truth = samples.changed[index] >= changed_pixels
    return precision_recall(truth, torch.cat(scores).numpy())
