"""A training run: its folder, checkpoints, exact resume, metrics, stopping, simulation workers.

Import from the modules directly. This package imports nothing by itself, so that a simulation
worker that only needs `saccade.training.workers` does not pay for loading torch.
"""
