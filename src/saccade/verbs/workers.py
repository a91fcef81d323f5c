"""`--workers`, `--engine` and `--ray-address`: who does the work of a command, the same for all."""

from __future__ import annotations

from dataclasses import dataclass, field

from saccade.training.provenance import usable_cores
from saccade.training.workers import Engine, Workers


@dataclass(frozen=True, kw_only=True)
class WorkerOptions:
    """Base of the options of a command that works in parallel.

    Attributes:
        workers: Workers at a time, of one thread each; results are the same whatever their number.
        engine: Kind of workers: "process" on this machine, or "ray" on a Ray cluster.
        ray_address: Address of the cluster's head, HOST:PORT; the cluster of this machine, or a
            new one of its own cores, if not given.
    """

    workers: int = field(default_factory=usable_cores)
    engine: Engine = "process"
    ray_address: str = ""

    def as_workers(self) -> Workers:
        """The workers that the options ask for."""
        return Workers(self.workers, self.engine, self.ray_address)
