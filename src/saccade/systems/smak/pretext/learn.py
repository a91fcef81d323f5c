"""The stage that teaches the trunk."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from saccade.systems.smak.pretext.config import PretextConfig
from saccade.systems.smak.pretext.network import Pretext, pretext_loss, vary
from saccade.systems.smak.pretext.pictures import Targets, open_pictures
from saccade.training.descent import Descent
from saccade.training.fit import Batch, Session, fit
from saccade.training.plain import to_plain
from saccade.training.workers import Workers

STAGE = "pretext"


def learn_pretext(
    session: Session,
    trunk: nn.Module,
    channels: int,
    stride: int,
    side: int,
    config: PretextConfig,
    workers: Workers | int,
    device: torch.device,
) -> None:
    """Teach a trunk what is where in pictures of primitives, in place.

    Args:
        session: The sitting; its run keeps the pictures while they are learned from.
        trunk: Trunk, on `device`.
        channels: Its feature maps.
        stride: Pixels of the image for one of its cells.
        side: Side of the images [pixels].
        config: The settings.
        workers: Who draws the pictures.
        device: Device of the trunk.

    Raises:
        Stopped: The user asked to; everything is saved.
    """
    primitives = replace(config.primitives, size=side)
    pool = open_pictures(
        _folder(session), config, primitives, session.run.seed, workers, session.stop.is_requested
    )
    network = Pretext(trunk, channels, stride // primitives.cell).to(device)

    def loss(rng: np.random.Generator, _: int) -> Batch:
        rows = rng.integers(len(pool), size=config.batch)
        images, targets = vary(*pool.take(rows), rng)
        on_device = Targets(*(each.to(device) for each in targets))
        found = pretext_loss(network(images.to(device)), on_device)
        return Batch(found.total, f"pictures {rows.tolist()}", found.terms)

    descent = Descent(
        config.steps, config.learning_rate, config.weight_decay, config.checkpoint_every
    )
    fit(session, STAGE, network, loss, descent, to_plain(config), session.run.seed)


def delete_pictures(folder: Path) -> None:
    """Delete the pictures of a run's folder: a gigabyte that its seed gives again."""
    shutil.rmtree(_of_run(folder), ignore_errors=True)


def _folder(session: Session) -> Path:
    return _of_run(session.run.folder)


def _of_run(folder: Path) -> Path:
    return folder / "data" / "primitives"
