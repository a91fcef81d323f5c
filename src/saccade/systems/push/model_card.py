"""The model card of trained push weights: README.md beside model.safetensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saccade.systems.push.showing.results import result_table
from saccade.training.checkpoint import MODEL_FILE
from saccade.verbs.ship import CARD_FILE, training_section
from saccade.viewing.images import write_whole
from saccade.viewing.tables import to_markdown


@dataclass(frozen=True)
class CardFacts:
    """What a card says beyond what holds for all push weights.

    Attributes:
        train_command: The command that trained the weights.
        ship_command: The command that put them here.
        network: What values the pushes, as in the configuration.
        threshold: PushMask's probability threshold.
        f_score: F-score there on held-out pushes; None where it was not measured.
        parameters: Number of trained parameters, by network.
        stages: Recordings by stage: what `saccade show RUN` lists (stage, episodes, pushes).
        minutes: From the start of the run to its last weights [min]; None where unknown.
        surroundings: Of the run: machine, versions, git (`describe_surroundings`).
        results: Documents of `saccade eval push` (results.json).
    """

    train_command: str
    ship_command: str
    network: str
    threshold: float
    f_score: float | None
    parameters: dict[str, int]
    stages: Sequence[tuple[str, int, int]]
    minutes: float | None
    surroundings: dict[str, Any]
    results: Sequence[dict[str, Any]] = ()


def write_model_card(folder: Path, facts: CardFacts) -> Path:
    """Write README.md into a folder of weights.

    Raises:
        StorageError: The disk refused.
    """
    path = folder / CARD_FILE
    size = (folder / MODEL_FILE).stat().st_size
    parts = [_what(facts, size), _inputs(facts), _training(facts), _evaluation(facts), LIMITS]
    write_whole(path, ("\n\n".join(part.strip() for part in parts) + "\n").encode())
    return path


def _what(facts: CardFacts, size: int) -> str:
    networks = " and ".join(f"{name} ({n:,} parameters)" for name, n in facts.parameters.items())
    return f"""
# push: objects into a box, from a depth image

{networks},
float32, {size / 1e6:.2f} MB, licence Apache-2.0.

PushMask says which of 224 x 224 x 16 pushes change the scene; the value network ({facts.network})
says which of them bring objects into the box. Nothing here is pickled. How it works: docs/push.md.

**Intended use**: research and teaching; the simulated world `saccade/PushBox-v0` and tables like
it. This folder was written by `{facts.ship_command}`.
"""


def _inputs(facts: CardFacts) -> str:
    score = ""
    if facts.f_score is not None:
        score = f", the best F-score on held-out pushes ({facts.f_score:.3f}, mask_curves.json)"
    return f"""
## Inputs and outputs

    policy = saccade.load("push")
    push = policy.act(heightmap)

- in: `heightmap`, float32 (224, 224), metres above the table, 2 mm a pixel, row along +y, column
  along +x, 0 where nothing was seen.
- out: a push: start (x, y) in metres, one of 16 directions in radians, 0.10 m long.
- PushMask's threshold is {facts.threshold:.3f}{score}.
"""


def _training(facts: CardFacts) -> str:
    head = training_section(facts.train_command, facts.surroundings, facts.minutes)
    pushes = "\n".join(f"| {stage} | {e:,} | {n:,} |" for stage, e, n in facts.stages)
    return f"""{head}
Data: simulated pushes only, made during this training; `random` and `mask-test` are made without
a policy, `online-*` by the policy of that moment. `mask-test` is held out: it chose the threshold.

| recorded | episodes | pushes |
|:--|--:|--:|
{pushes}
"""


def _evaluation(facts: CardFacts) -> str:
    if not facts.results:
        return "## Evaluation\n\nNot measured yet: `saccade eval push`."
    parts = ["## Evaluation"]
    for document in facts.results:
        parts += [f"    {document['command']}", to_markdown(result_table(document)).strip()]
    return "\n\n".join(parts)


LIMITS = """
## Limits

- Trained in simulation only: eight shapes of toy blocks of one density, one table, one gripper,
  noise-free depth. Nothing was measured on a real robot.
- The heightmap must cover the same square at the same resolution, seen by a camera on the +y side
  at about 45 degrees: the network knows where occlusion shadows fall.
- Push heights follow the map at the start only; tall towers topple.
- It does not know the arm's limits: a push out of reach is refused and costs an action.
- It knows nothing of people or of fragile things. On a real robot, keep the safety that the robot
  has anyway.
"""
