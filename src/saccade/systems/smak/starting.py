"""How the trunk starts: at random, with ImageNet weights, with those of another training, or with
what a pretext teaches it."""

from __future__ import annotations

import sys

from saccade.errors import UserInputError
from saccade.storage.folders import existing_folder
from saccade.storage.json_files import read_json, write_json
from saccade.systems.smak.config import SmakConfig
from saccade.systems.smak.model import EmbeddingNetwork
from saccade.systems.smak.pretext.learn import delete_pictures, learn_pretext
from saccade.systems.smak.trunks import fetch_weights
from saccade.systems.smak.validation import STAGE
from saccade.systems.smak.weights import SYSTEM, load
from saccade.training.device import device_of
from saccade.training.fit import Session
from saccade.training.run import Run
from saccade.training.workers import Workers
from saccade.verbs.lookup import weights_folder

TRUNK_FILE = "trunk.json"
"""File of a run that says how its trunk started."""


def check_start(config: SmakConfig) -> None:
    """Refuse a start that a training would refuse, before there is a run.

    Raises:
        UserInputError: The weights that the trunk shall start with are not there, or of another
            trunk; or the trunk cannot learn the pretext.
    """
    if config.start:
        _lender(config)
    if config.pretext.steps and config.model.trunk.kind != "light":
        raise UserInputError(
            f"pretext.steps is {config.pretext.steps} with the trunk {config.model.trunk.kind}; "
            "expected the trunk light, which has no weights of ImageNet"
        )


def start_trunk(
    session: Session, network: EmbeddingNetwork, config: SmakConfig, workers: Workers | int
) -> None:
    """Give the trunk its start, in place; a run whose embedding is being learned has had it.

    Args:
        session: The sitting.
        network: Network of the trunk.
        config: The system's settings.
        workers: Workers that draw the pictures of the pretext.

    Raises:
        Stopped: The user asked to; everything is saved.
        UserInputError: The weights that it shall start with are gone.
    """
    if existing_folder(session.folder(STAGE)).exists():
        return
    said = "random start"
    if config.start:
        network.trunk.load_state_dict(_lender(config).trunk.state_dict())
        said = f"trunk of {config.start}"
    elif (report := fetch_weights(network.trunk, config.model.trunk)) is not None:
        said = report.message
        print(f"saccade: note: trunk: {said}", file=sys.stderr)
    if config.pretext.steps:
        _learn_pretext(session, network, config, workers)
        said = f"{said}, then {config.pretext.steps:,} steps of the pretext"
    write_json(session.run.folder / TRUNK_FILE, {"trunk": said})


def trunk_facts(run: Run) -> dict[str, str]:
    """What a run says of its trunk's start."""
    found = read_json(run.folder / TRUNK_FILE)
    return {"trunk": str(found.get("trunk", "unknown"))} if isinstance(found, dict) else {}


def _learn_pretext(
    session: Session, network: EmbeddingNetwork, config: SmakConfig, workers: Workers | int
) -> None:
    light = config.model.trunk.light
    trunk = network.trunk.requires_grad_(True)
    learn_pretext(
        session, trunk, light.out_channels, light.stride, config.side, config.pretext, workers,
        device_of(network),
    )  # fmt: skip
    trunk.requires_grad_(not config.model.trunk.frozen)
    delete_pictures(session.run.folder)


def _lender(config: SmakConfig) -> EmbeddingNetwork:
    """The network whose trunk another one starts with.

    Raises:
        UserInputError: It is not there, or its trunk is another.
    """
    lender = load(weights_folder(config.start, SYSTEM))
    ours, theirs = config.model.trunk, lender.config.model.trunk
    if (ours.kind, ours.light) != (theirs.kind, theirs.light):
        raise UserInputError(
            f"start is {config.start}, whose trunk is {theirs.kind} of {theirs.light}; expected "
            f"{ours.kind} of {ours.light}"
        )
    return lender.network
