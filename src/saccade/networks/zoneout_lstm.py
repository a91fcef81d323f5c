"""An LSTM cell with Zoneout (Krueger et al. 2016): units keep their last value at random.

Where dropout forgets, zoneout remembers: each unit of the cell and of the output is left as it was
with a small probability, so gradients reach far back through the steps that changed nothing.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.checks import check_chances

LstmState = tuple[Float[Tensor, "N units"], Float[Tensor, "N units"]]
"""Output h and cell c."""


class ZoneoutLSTMCell(nn.Module):
    """LSTM cell, gates in the order input, forget, candidate, output.

    Recurrent weights start orthogonal a gate, those of the candidate as `candidate_identity` times
    the identity; the forget gate starts open (bias 1).

    Args:
        inputs: Length of the input.
        units: Length of the state.
        zoneout: Probability with which a unit keeps its value.
        candidate_identity: Factor of the identity; 0 starts the candidate's recurrent weights
            orthogonal, too.

    Raises:
        UserInputError: `zoneout` is not a probability below 1.
    """

    def __init__(
        self, inputs: int, units: int, zoneout: float = 0.05, candidate_identity: float = 0.95
    ) -> None:
        super().__init__()
        self.units = units
        self.zoneout = zoneout
        check_chances(self, "zoneout")
        self.from_input = nn.Linear(inputs, 4 * units)
        self.from_state = nn.Linear(units, 4 * units, bias=False)
        self._initialise(candidate_identity)

    def forward(self, x: Float[Tensor, "N inputs"], state: LstmState) -> LstmState:
        """One step: the next output and cell."""
        h, c = state
        gates = self.from_input(x) + self.from_state(h)
        enter, forget, candidate, leave = gates.chunk(4, dim=1)
        new_c = torch.sigmoid(forget) * c + torch.sigmoid(enter) * torch.tanh(candidate)
        new_h = torch.sigmoid(leave) * torch.tanh(new_c)
        return self._zone_out(h, new_h), self._zone_out(c, new_c)

    def _zone_out(self, old: Tensor, new: Tensor) -> Tensor:
        if self.zoneout == 0:
            return new
        if not self.training:
            return self.zoneout * old + (1 - self.zoneout) * new
        keep = torch.rand_like(new) < self.zoneout
        return torch.where(keep, old, new)

    def _initialise(self, candidate_identity: float) -> None:
        with torch.no_grad():
            for part in self.from_input.weight.chunk(4):
                nn.init.orthogonal_(part)
            for index, part in enumerate(self.from_state.weight.chunk(4)):
                if index == 2 and candidate_identity:
                    part.copy_(candidate_identity * torch.eye(self.units))
                else:
                    nn.init.orthogonal_(part)
            self.from_input.bias.zero_()
            self.from_input.bias[self.units : 2 * self.units] = 1.0
