"""What the verbs of the command do for hart."""

from saccade.verbs.command import Verbs

COMMANDS = Verbs(
    __name__,
    {
        "train": "train",
        "eval": "evaluate",
        "run": "apply",
        "show": "show",
        "ship": "ship",
        "table": "table",
        "bench": "bench",
    },
)
