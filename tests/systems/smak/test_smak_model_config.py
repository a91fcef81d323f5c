"""Settings that do not fit are refused in one line."""

from __future__ import annotations

from collections.abc import Callable

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
    ("make", "message"),
    [
        (lambda: SmakHeadConfig(levels=()), "some of 1, 2 and 3"),
        (lambda: SmakHeadConfig(levels=(3, 1)), "in this order"),
        (lambda: SmakHeadConfig(levels=(1, 4)), r"levels are \(1, 4\)"),
        (lambda: SmakHeadConfig(kernels=(2, 3, 3, 3)), "expected odd numbers"),
        (lambda: SmakHeadConfig(normalisation="relu"), "sigmoid, softmax, none"),
        (lambda: SmakHeadConfig(depths=(0, 1, 1, 1)), "depths is"),
        (lambda: TcnHeadConfig(dropout=1.0), "0 to below 1"),
        (lambda: TrunkConfig(kind="vgg"), "light, inception, resnet"),
        (lambda: ModelConfig(method="lav"), "smak, tcn, tcc"),
        (lambda: ModelConfig(frames=0), "frames is 0"),
        (lambda: ModelConfig(frames=17), "at most 16"),
        (lambda: LossConfig(kind="contrastive"), "n-pairs"),
        (lambda: LossConfig(temperature=0.0), "above 0"),
        (lambda: LossConfig(length_penalty=-1.0), "length_penalty is -1"),
    ],
)
def test_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(UserInputError, match=message):
        make()


def test_the_loss_that_is_meant() -> None:
    assert [LossConfig().of(m) for m in ("smak", "tcn", "tcc")] == ["cosine", "cosine", "tcc"]
    assert LossConfig(kind="n-pairs").of("tcc") == "n-pairs"
