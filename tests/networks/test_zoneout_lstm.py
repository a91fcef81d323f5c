"""The cell against torch's own, and zoneout against its definition."""

from __future__ import annotations

import pytest
import torch

from saccade.errors import UserInputError
from saccade.networks.zoneout_lstm import ZoneoutLSTMCell


def draw(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_without_zoneout_it_is_torchs_cell() -> None:
    own, theirs = ZoneoutLSTMCell(5, 7, zoneout=0.0), torch.nn.LSTMCell(5, 7)
    with torch.no_grad():
        theirs.weight_ih.copy_(own.from_input.weight)
        theirs.weight_hh.copy_(own.from_state.weight)
        theirs.bias_ih.copy_(own.from_input.bias)
        theirs.bias_hh.zero_()
    x, state = draw(3, 5, seed=0), (draw(3, 7, seed=1), draw(3, 7, seed=2))
    for mine, wanted in zip(own(x, state), theirs(x, state), strict=True):
        torch.testing.assert_close(mine, wanted)


def test_training_keeps_units_as_often_as_said_and_inference_takes_the_mean() -> None:
    torch.manual_seed(0)
    cell = ZoneoutLSTMCell(4, 500, zoneout=0.3)
    x, old = draw(40, 4, seed=3), (draw(40, 500, seed=4), draw(40, 500, seed=5))
    with torch.no_grad():
        sure = ZoneoutLSTMCell(4, 500, zoneout=0.0)
        sure.load_state_dict(cell.state_dict())
        new, drawn, mean = sure(x, old), cell(x, old), cell.eval()(x, old)
    for before, after, random, expected in zip(old, new, drawn, mean, strict=True):
        kept = random == before
        assert kept.float().mean() == pytest.approx(0.3, abs=0.02)
        torch.testing.assert_close(random[~kept], after[~kept])
        torch.testing.assert_close(expected, 0.3 * before + 0.7 * after)


def test_recurrent_weights_start_orthogonal_and_the_candidates_near_the_identity() -> None:
    cell = ZoneoutLSTMCell(3, 6)
    gates = cell.from_state.weight.detach().chunk(4)
    for index in (0, 1, 3):
        torch.testing.assert_close(gates[index] @ gates[index].T, torch.eye(6))
    torch.testing.assert_close(gates[2], 0.95 * torch.eye(6))
    assert cell.from_input.bias.detach()[6:12].tolist() == [1.0] * 6


def test_a_probability_of_one_is_refused() -> None:
    with pytest.raises(UserInputError, match="below 1"):
        ZoneoutLSTMCell(2, 2, zoneout=1.0)
