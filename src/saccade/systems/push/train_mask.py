"""Training PushMask: on heuristic masks, then on executed pushes; its threshold by F-score."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from reprlib import repr as brief
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from saccade.attention.edge_mask import edge_mask
from saccade.errors import DamagedFileError, UserInputError
from saccade.statistics import PrecisionRecall, precision_recall
from saccade.storage.json_files import read_json, write_json
from saccade.systems.push.config import MaskConfig
from saccade.systems.push.losses import at_actions, change_error
from saccade.systems.push.map_samples import MapSamples, mirror_maps, to_network
from saccade.systems.push.model import PushMask
from saccade.systems.push.weights import CURVES_FILE
from saccade.training.checkpoint import load_weights
from saccade.training.device import CPU, device_of
from saccade.training.fit import Batch, Descent, Session, fit
from saccade.training.plain import to_plain
from saccade.training.precision import Precision, reduced

HEURISTIC, REFINED = "mask-heuristic", "mask"
"""Names of the two stages."""
POSITIVE_WEIGHT = 4.0
"""Weight of valid pushes: heuristic masks are mostly empty."""
MAPS_AT_ONCE = 16
"""Batch of maps that the trained network is judged on."""
SCORE_DIGITS = 3
"""Number of digits that probabilities are rounded to: as many thresholds are tried."""


def train_mask(
    session: Session,
    config: MaskConfig,
    samples: MapSamples,
    seed: int,
    precision: Precision,
    device: torch.device = CPU,
) -> PushMask:
    """Train PushMask in both stages.

    Args:
        session: Sitting of the run.
        config: Settings of the mask.
        samples: Recorded pushes.
        seed: Seed of the network and the batches.
        precision: Precision of the convolutions.
        device: Device that the network is trained on.

    Returns:
        The trained network.
    """
    torch.manual_seed(seed)
    network = PushMask(config.network).to(device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    if len(samples) == 0:
        raise UserInputError("PushMask was given no pushes; expected data.episodes > 0")

    def predict(maps: Tensor) -> Tensor:
        with reduced(precision, device):
            return network(to_network(maps, device)).float()

    def on_heuristic(rng: np.random.Generator, step: int) -> Batch:
        index = rng.choice(len(samples), config.batch)
        maps = samples.maps(index)
        target = torch.from_numpy(
            np.stack([edge_mask(m[0].numpy(), config.heuristic) for m in maps]).astype(np.float32)
        ).to(device)
        weight = torch.tensor(POSITIVE_WEIGHT, device=device)
        logits = predict(maps)
        loss = F.binary_cross_entropy_with_logits(logits, target, pos_weight=weight)
        return Batch(loss, f"pushes {index.tolist()}")

    def on_pushes(rng: np.random.Generator, step: int) -> Batch:
        index = rng.choice(len(samples), config.batch)
        maps, actions = samples.maps(index), torch.from_numpy(samples.actions[index]).to(device)
        if rng.random() < 0.5:
            maps, actions = mirror_maps(maps, actions)
        changed = torch.from_numpy(samples.changed[index] >= config.changed_pixels).float()
        loss = change_error(predict(maps), actions, changed.to(device), config.kernel_sigma)
        return Batch(loss, f"pushes {index.tolist()}")

    plain = to_plain(config)
    descent = Descent(config.heuristic_steps, config.learning_rate)
    fit(session, HEURISTIC, network, on_heuristic, descent, plain, seed)
    descent = replace(descent, steps=config.refine_steps)
    fit(session, REFINED, network, on_pushes, descent, plain, seed + 1)
    return network


def choose_threshold(
    session: Session, network: PushMask, config: MaskConfig, held_out: MapSamples
) -> float:
    """The threshold of the best F-score on held-out pushes; writes the curves of Fig. 5.

    Args:
        session: Sitting of the run; mask_curves.json goes into the run's folder.
        network: PushMask after both stages.
        config: Settings of the mask; a threshold above 0 there is kept.
        held_out: Pushes that no stage has seen.
    """
    path = session.run.folder / CURVES_FILE
    if not path.exists():
        before = PushMask(config.network)
        before.load_state_dict(load_weights(session.folder(HEURISTIC)).model_state)
        before.to(device_of(network))
        networks = {"heuristic masks only": before, "refined on real pushes": network}
        curves = {
            label: mask_curve(n, held_out, config.changed_pixels)._asdict()
            for label, n in networks.items()
        }
        plain = {
            label: {name: values.tolist() for name, values in curve.items()}
            for label, curve in curves.items()
        }
        write_json(path, {"pushes": len(held_out), "curves": plain})
    if config.threshold:
        return config.threshold
    curve = load_curves(session.run.folder)["refined on real pushes"]
    return float(curve.best_threshold)


def load_curves(run: Path) -> dict[str, PrecisionRecall]:
    """The precision-recall curves that a run's PushMask was judged by.

    Raises:
        DamagedFileError: The file is damaged.
    """
    path = run / CURVES_FILE
    try:
        curves = read_json(path)["curves"]
        read = {
            label: PrecisionRecall(*(_shares(curve[name]) for name in PrecisionRecall._fields))
            for label, curve in curves.items()
        }
        if not read or any(len({len(values) for values in curve}) > 1 for curve in read.values()):
            raise ValueError("expected curves of as many thresholds as values")
        return read
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DamagedFileError(f"{path} is damaged: {error}") from error


def _shares(values: list[Any]) -> np.ndarray:
    """Numbers from 0 to 1."""
    shares = np.array(values)
    if shares.ndim != 1 or not shares.size or shares.dtype.kind not in "if":
        raise ValueError(f"{brief(values)} is no list of numbers")
    if not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError(f"{brief(values)} has numbers beyond 0 to 1")
    return shares


def mask_curve(network: PushMask, samples: MapSamples, changed_pixels: int) -> PrecisionRecall:
    """Precision and recall of "this push changes the scene" on executed pushes (Fig. 5)."""
    network.eval()
    device = device_of(network)
    scores = []
    with torch.inference_mode(), reduced("auto", device):
        for start in range(0, len(samples), MAPS_AT_ONCE):
            part = np.arange(start, min(start + MAPS_AT_ONCE, len(samples)))
            logits = network(to_network(samples.maps(part), device))
            chosen = at_actions(logits, torch.from_numpy(samples.actions[part]).to(device))
            scores.append(chosen.float().sigmoid().cpu())
    truth = samples.changed >= changed_pixels
    if not truth.any():  # a handful of pushes in a smoke test: nothing to choose by
        half = np.array([0.5])
        return PrecisionRecall(np.zeros(1), np.zeros(1), half)
    score = np.round(torch.cat(scores).numpy(), SCORE_DIGITS)
    return precision_recall(truth, score)
