"""What a system adds to the conformance suite: how little its commands can be asked to do."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from saccade.options import parse_options
from saccade.systems import SYSTEMS
from saccade.verbs.train import Training


@dataclass(frozen=True)
class Case:
    """Arguments that make every verb of a system cheap, in the system's file beside this one.

    Attributes:
        train: Beside `saccade train SYSTEM --preset smoke`: every stage in a few steps, a
            checkpoint every two or so, all stages together in at least 10 looks at whether to stop,
            of which every step is one.
        eval: Beside `saccade eval SYSTEM --weights RUN`: exactly two cases.
        show: Beside `saccade show WEIGHTS`.
        answer: Calls what `saccade.load` returned on one input; returns what can be compared:
            numbers, arrays, lists of them.
        table: Beside `saccade table SYSTEM`, whatever the budget.
        budget: A budget of the table.
        other_budget: Another one, with other cases.
        row: Key of a row that trains nothing and is cheap.
        other_row: Another one.
        trained_row: Key of a row that is trained.
        patches: What else is made smaller, by its name in the package.
    """

    train: tuple[object, ...]
    eval: tuple[object, ...]
    show: tuple[object, ...]
    answer: Callable[[Any], Any]
    table: tuple[object, ...]
    budget: tuple[object, ...]
    other_budget: tuple[object, ...]
    row: str
    other_row: str
    trained_row: str
    patches: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Conforming:
    """A registered system and its case."""

    name: str
    case: Case

    @property
    def training(self) -> Training[Any]:
        """How the system is trained."""
        return self.options.TRAINING

    @property
    def options(self) -> Any:
        """Options of `saccade train SYSTEM`."""
        command = SYSTEMS[self.name].command("train")
        assert command is not None
        return command.options

    def config(self) -> Any:
        """Settings of the small training."""
        words = ["--preset", "smoke", *map(str, self.case.train)]
        return parse_options(self.options, words, "saccade train").config


def conforming(name: str) -> Conforming:
    """The case of a system.

    Raises:
        LookupError: It brings none.
    """
    if importlib.util.find_spec(f"conformance.{name}") is None:
        raise LookupError(
            f"the system '{name}' is registered but not tested: expected "
            f"tests/conformance/{name}.py with CASE = Case(...), arguments that make its commands "
            "cheap (see tests/conformance/case.py)"
        )
    return Conforming(name, importlib.import_module(f"conformance.{name}").CASE)
