"""Settings that do not fit are refused in one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from saccade.errors import UserInputError
from saccade.systems.smak.model_config import (
    LossConfig,
    ModelConfig,
    SmakHeadConfig,
    TcnHeadConfig,
    TrunkConfig,
)


@pytest.mark.parametrize(
    ("config", "given", "message"),
    [
        (SmakHeadConfig, {"levels": ()}, "some of 1, 2 and 3"),
        (SmakHeadConfig, {"levels": (3, 1)}, "in this order"),
        (SmakHeadConfig, {"levels": (1, 4)}, r"levels are \(1, 4\)"),
        (SmakHeadConfig, {"kernels": (2, 3, 3, 3)}, "expected odd numbers"),
        (SmakHeadConfig, {"normalisation": "relu"}, "sigmoid, softmax, none"),
        (SmakHeadConfig, {"depths": (0, 1, 1, 1)}, "depths is"),
        (TcnHeadConfig, {"dropout": 1.0}, "0 to below 1"),
        (TrunkConfig, {"kind": "vgg"}, "light, inception, resnet"),
        (ModelConfig, {"method": "lav"}, "smak, tcn, tcc"),
        (ModelConfig, {"frames": 0}, "frames is 0"),
        (ModelConfig, {"frames": 17}, "at most 16"),
        (LossConfig, {"kind": "contrastive"}, "n-pairs"),
        (LossConfig, {"temperature": 0.0}, "above 0"),
        (LossConfig, {"length_penalty": -1.0}, "length_penalty is -1"),
    ],
)
def test_refused(config: Callable[..., object], given: dict[str, Any], message: str) -> None:
    with pytest.raises(UserInputError, match=message):
        config(**given)


def test_the_loss_that_is_meant() -> None:
    assert [LossConfig().of(m) for m in ("smak", "tcn", "tcc")] == ["cosine", "cosine", "tcc"]
    assert LossConfig(kind="n-pairs").of("tcc") == "n-pairs"
