"""`saccade ship RUN` of an arm's run: the weights of its task and their card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from saccade.systems.arm.commands.evaluate import EvalOptions
from saccade.systems.arm.commands.train import TRAINING
from saccade.systems.arm.config import ArmConfig
from saccade.systems.arm.results import result_table
from saccade.systems.arm.weights import SYSTEM, load, load_look_and_vote
from saccade.training.run import Run
from saccade.verbs.ship import Shipping
from saccade.verbs.spelling import command_line
from saccade.worlds.tabletop.tasks import task_named


def card_facts(run: Run, config: ArmConfig, weights: Path) -> dict[str, str]:
    """What the card says of a run; see card.md."""
    policy = load_look_and_vote(weights)
    networks = (policy.look, policy.vote)
    own = config.own.rounds * config.own.episodes
    return {
        "task": config.task,
        "title": config.task.replace("_", " "),
        "says": task_named(config.task).says,
        "parameters": f"{sum(p.numel() for n in networks for p in n.parameters()):,}",
        "demonstrations": f"{config.episodes} demonstrations of the scripted expert",
        "own": f", and {own} own episodes after them" if own else "",
        "steps": f"{config.look.steps:,} steps of looking, {config.vote.steps:,} of voting",
    }


def _name(config: ArmConfig) -> str:
    return f"{SYSTEM}/{config.task}"


def told(document: dict[str, Any]) -> dict[str, Any]:
    """What the card tells of an evaluation: that of the weights under their name."""
    options = EvalOptions(
        task=document["task"], episodes=document["episodes_asked"], seed=document["seed"],
        disturbed=document["disturbed"], attach=document["attach"],
    )  # fmt: skip
    command = command_line("saccade eval arm", options, EvalOptions())
    return document | {"command": command, "policy": f"{SYSTEM}/{document['task']}"}


SHIPPING = Shipping(
    TRAINING, Path(__file__).parent.parent / "card.md", load, card_facts, result_table,
    name=_name, told=told,
)  # fmt: skip
COMMAND = SHIPPING.command()
