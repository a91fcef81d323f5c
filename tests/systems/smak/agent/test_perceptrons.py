"""Networks in NumPy, against PyTorch's gradients and optimiser."""

from __future__ import annotations

import numpy as np
import torch

from saccade.systems.smak.agent.perceptrons import Adam, Perceptrons


def test_each_copy_is_a_network_of_its_own_and_gradients_are_right() -> None:
    rng = np.random.default_rng(0)
    network = Perceptrons(2, 3, 8, 2, rng)
    for bias in network.biases:
        bias[:] = rng.standard_normal(bias.shape)
    x = rng.standard_normal((2, 5, 3), dtype=np.float32)
    slope = rng.standard_normal((2, 5, 2), dtype=np.float32)
    in_x, in_parameters = network.backward(network.forward(x), slope)

    parameters = torch.from_numpy(network.parameters.copy()).requires_grad_()
    inputs = torch.from_numpy(x).requires_grad_()
    shapes = [w.shape for w in network.weights] + [b.shape for b in network.biases]
    parts = torch.split(parameters, [int(np.prod(shape)) for shape in shapes])
    *layers, last = [
        (w.reshape(a), b.reshape(c))
        for w, a, b, c in zip(parts[:3], shapes[:3], parts[3:], shapes[3:], strict=True)
    ]
    outputs = []
    for copy in range(2):
        h = inputs[copy]
        for weight, bias in layers:
            h = torch.relu(h @ weight[copy] + bias[copy])
        outputs.append(h @ last[0][copy] + last[1][copy])
    out = torch.stack(outputs)
    assert np.allclose(network(x), out.detach().numpy(), atol=1e-5)
    out.backward(torch.from_numpy(slope))
    assert inputs.grad is not None and parameters.grad is not None
    assert np.allclose(in_x, inputs.grad.numpy(), atol=1e-5)
    assert np.allclose(in_parameters, parameters.grad.numpy(), atol=1e-4)


def test_adam_is_pytorchs() -> None:
    rng = np.random.default_rng(0)
    ours = rng.standard_normal(20).astype(np.float32)
    theirs = torch.nn.Parameter(torch.from_numpy(ours.copy()))
    adam, peer = Adam(ours, 0.01), torch.optim.Adam([theirs], lr=0.01)
    for _ in range(5):
        gradient = rng.standard_normal(20).astype(np.float32)
        adam.step(gradient)
        theirs.grad = torch.from_numpy(gradient)
        peer.step()
    assert np.allclose(ours, theirs.detach().numpy(), atol=1e-5)
