"""What a program of the user's embeds: frames in, vectors out, and where the network looked.

embed = saccade.load("smak")
vectors = embed(frames)        # uint8 (N, H, W, 3) -> float32 (N, 32)
look = embed.attend(frames)    # look.maps["L1"]: (N, rows, columns)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, Shaped, UInt8
from torch import Tensor

from saccade.data.multi_view.sequence import squared
from saccade.errors import UserInputError
from saccade.systems.smak.batches import stacked_rows
from saccade.systems.smak.config import SmakConfig
from saccade.systems.smak.model import EmbeddingNetwork
from saccade.training.device import device_of

CHUNK = 32
"""Frames that are embedded at a time: what fits a core's cache, and is no slower on a GPU."""

Frames = UInt8[np.ndarray, "n h w 3"]
Vectors = Float32[np.ndarray, "n size"]


@dataclass(frozen=True)
class Look:
    """Embeddings of n frames, and what they are made of.

    Attributes:
        vectors: Embeddings.
        maps: Attention weights of each frame by level, "L1" say, in the level's own cells: with a
            sigmoid each from 0 to 1, with a softmax summing to 1. The peers have one map.
    """

    vectors: Vectors
    maps: dict[str, Float32[np.ndarray, "n _ _"]]


class Embedder:
    """A trained embedding of frames.

    Args:
        network: Trained network.
        config: Settings that it was trained with.
    """

    def __init__(self, network: EmbeddingNetwork, config: SmakConfig) -> None:
        self.network = network.eval()
        self.config = config

    @property
    def size(self) -> int:
        """Length of a vector."""
        return self.config.model.size

    @property
    def levels(self) -> tuple[str, ...]:
        """Names of the attention maps."""
        model = self.config.model
        return tuple(f"L{n}" for n in model.smak.levels) if model.method == "smak" else ("head",)

    def __call__(self, frames: Shaped[np.ndarray, "n h w 3"]) -> Vectors:
        """Embed frames of any size, RGB, uint8.

        They are scaled to the network's square. Where the network takes several frames together
        (`config.model.frames`), they are a video in order of time: each is embedded with those
        before it.

        Returns:
            A vector a frame.

        Raises:
            UserInputError: They are no such array.
        """
        with torch.inference_mode():
            vectors = [
                self.network.embed_features(features).cpu().numpy()
                for features in self._features(frames)
            ]
        return np.concatenate(vectors or [np.zeros((0, self.size), np.float32)])

    def attend(self, frames: Shaped[np.ndarray, "n h w 3"]) -> Look:
        """Embed frames as `__call__` does, and keep the attention maps.

        Raises:
            UserInputError: There is no frame, or they are no such array.
        """
        check_frames(frames)
        if not len(frames):
            raise UserInputError("no frame was given; expected one or more to attend to")
        vectors, maps = [], []
        with torch.inference_mode():
            for features in self._features(frames):
                found = self.network.attend_features(features)
                vectors.append(found.embedding.cpu().numpy())
                maps.append([weights.cpu().numpy() for weights in found.maps])
        joined = [np.concatenate(each) for each in zip(*maps, strict=True)]
        return Look(np.concatenate(vectors), dict(zip(self.levels, joined, strict=True)))

    def _features(self, frames: np.ndarray) -> Iterator[Tensor]:
        """Feature maps of the trunk, some frames at a time, each with those before it."""
        check_frames(frames)
        model, device = self.config.model, device_of(self.network)
        rows = stacked_rows(np.arange(len(frames)), model.frames, model.frame_step)
        for first in range(0, len(frames), CHUNK):
            needed, place = np.unique(rows[first : first + CHUNK], return_inverse=True)
            images = resized(frames[needed], self.config.side)
            pixels = torch.from_numpy(images).to(device).permute(0, 3, 1, 2)
            maps = self.network.features(pixels[:, None])[:, 0]
            yield maps[torch.from_numpy(place.reshape(-1, model.frames))]


def check_frames(frames: np.ndarray) -> None:
    """Refuse what is no array of frames.

    Raises:
        UserInputError: The message says what was given.
    """
    if not isinstance(frames, np.ndarray):
        raise UserInputError(
            f"frames are a {type(frames).__name__}; expected an array, uint8 (N, height, width, 3)"
        )
    if (
        frames.dtype != np.uint8
        or frames.ndim != 4
        or frames.shape[3] != 3
        or 0 in frames.shape[1:]
    ):
        raise UserInputError(
            f"frames are {frames.dtype} of shape {frames.shape}; expected uint8 "
            "(N, height, width, 3), RGB"
        )


def resized(frames: Frames, side: int) -> UInt8[np.ndarray, "n side side 3"]:
    """Frames scaled to squares."""
    if frames.shape[1:3] == (side, side):
        return np.ascontiguousarray(frames)
    return np.stack([squared(frame, side) for frame in frames])
