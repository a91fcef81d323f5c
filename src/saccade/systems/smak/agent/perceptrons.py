"""Small perceptrons in NumPy, with their gradients by hand.

The networks of an agent on states are so small that PyTorch spends ten times as long on calling its
operations as these take.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from jaxtyping import Float

Batch = Float[np.ndarray, "copies n _"]
Parameters = Float[np.ndarray, " p"]


class Perceptrons:
    """Copies of a perceptron with two hidden layers and ReLU, side by side.

    Args:
        copies: Number of copies, each with weights of its own.
        inputs: Numbers that each is given.
        units: Units of each hidden layer.
        outputs: Numbers that each gives.
        rng: Source of the first weights: He's, and zero biases.
    """

    def __init__(
        self, copies: int, inputs: int, units: int, outputs: int, rng: np.random.Generator
    ) -> None:
        shapes = [(copies, a, b) for a, b in pairwise((inputs, units, units, outputs))]
        sizes = [math.prod(shape) for shape in shapes] + [copies * b for _, _, b in shapes]
        self.parameters = np.zeros(sum(sizes), np.float32)
        parts = np.split(self.parameters, np.cumsum(sizes)[:-1])
        self.weights = [part.reshape(s) for part, s in zip(parts[:3], shapes, strict=True)]
        self.biases = [
            part.reshape(copies, 1, s[2]) for part, s in zip(parts[3:], shapes, strict=True)
        ]
        for weight in self.weights:
            weight[:] = rng.standard_normal(weight.shape) * math.sqrt(2 / weight.shape[1])

    def __call__(self, x: Batch) -> Batch:
        """What the copies give for what each is given."""
        return self.forward(x)[-1]

    def forward(self, x: Batch) -> tuple[Batch, ...]:
        """The input, both hidden layers and the output."""
        first = np.maximum(x @ self.weights[0] + self.biases[0], 0)
        second = np.maximum(first @ self.weights[1] + self.biases[1], 0)
        return x, first, second, second @ self.weights[2] + self.biases[2]

    def backward(self, layers: tuple[Batch, ...], slope: Batch) -> tuple[Batch, Parameters]:
        """Gradients of a loss in the input and in all parameters.

        Args:
            layers: What `forward` gave.
            slope: Gradient of the loss in the output.
        """
        weights, biases = [], []
        for number in (2, 1, 0):
            below = layers[number]
            weights.append(below.transpose(0, 2, 1) @ slope)
            biases.append(slope.sum(axis=1))
            slope = slope @ self.weights[number].transpose(0, 2, 1)
            if number:
                slope = slope * (below > 0)
        parts = [part.ravel() for part in (*weights[::-1], *biases[::-1])]
        return slope, np.concatenate(parts)


class Adam:
    """Adam (Kingma and Ba 2015) on an array of parameters, which it changes in place.

    Args:
        parameters: The parameters.
        learning_rate: Size of a step.
    """

    def __init__(self, parameters: Parameters, learning_rate: float) -> None:
        self._parameters, self._rate = parameters, learning_rate
        self._mean, self._square = np.zeros_like(parameters), np.zeros_like(parameters)
        self._steps = 0

    def step(self, gradient: Parameters) -> None:
        """Take a step down."""
        self._steps += 1
        self._mean += 0.1 * (gradient - self._mean)
        self._square += 0.001 * (gradient * gradient - self._square)
        rate = self._rate * math.sqrt(1 - 0.999**self._steps) / (1 - 0.9**self._steps)
        self._parameters -= rate * self._mean / (np.sqrt(self._square) + 1e-8)
