"""As much of Ray as `RayPool` uses, in this process: nodes with cores, which can die."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pickle import dumps
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest


class ActorDiedError(Exception):
    """Stands for ray.exceptions.RayActorError."""


class FakeRay:
    """Actors get a core in the order of their coming; a call is done when it is waited for.

    Args:
        cores: Cores of the cluster.
        dies: Asked before each job with its index and how often it was begun; true kills the actor.
    """

    def __init__(self, cores: int, dies: Callable[[int, int], bool] = lambda *_: False) -> None:
        self.cores, self.dies = cores, dies
        self.actors: list[Any] = []
        self.addresses: list[str | None] = []
        self.begun: dict[int, int] = {}

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Make it the module `ray`."""
        module = ModuleType("ray")
        module.__dict__.update(
            is_initialized=lambda: bool(self.addresses),
            init=lambda address, **_: self.addresses.append(address),
            remote=lambda **_: (
                lambda kind: SimpleNamespace(remote=lambda *given: self._new_actor(kind, given))
            ),
            wait=self._wait,
            get=lambda reference: reference(),
            kill=lambda actor: self.actors.remove(actor) if actor in self.actors else None,
            exceptions=SimpleNamespace(RayActorError=ActorDiedError),
        )
        monkeypatch.setitem(sys.modules, "ray", module)
        pickler = ModuleType("ray.cloudpickle")
        pickler.__dict__["dumps"] = dumps
        monkeypatch.setitem(sys.modules, "ray.cloudpickle", pickler)

    def _new_actor(self, kind: type, given: tuple[Any, ...]) -> Any:
        actor = SimpleNamespace(dead=False)
        runner = kind(*given)

        def call(index: int | None = None) -> Callable[[], Any]:
            def reference() -> Any:
                if actor.dead or (index is not None and self._is_fatal(actor, index)):
                    raise ActorDiedError("The actor died\nbecause its node did.")
                return runner.is_ready() if index is None else runner.answer(index)

            reference.__dict__["actor"] = actor
            return reference

        actor.answer = actor.is_ready = SimpleNamespace(remote=call)
        self.actors.append(actor)
        return actor

    def _is_fatal(self, actor: Any, index: int) -> bool:
        self.begun[index] = self.begun.get(index, 0) + 1
        actor.dead = self.dies(index, self.begun[index])
        if actor.dead:
            self.actors.remove(actor)
        return actor.dead

    def _wait(self, references: list[Any], num_returns: int, timeout: float) -> tuple[Any, Any]:
        placed = self.actors[: self.cores]
        ready = [r for r in references if r.actor.dead or r.actor in placed]
        return ready[:num_returns], [r for r in references if r not in ready[:num_returns]]
