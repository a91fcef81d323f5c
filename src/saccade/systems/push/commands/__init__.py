"""What the verbs of the command do for push."""

from saccade.verbs.command import Verbs

COMMANDS = Verbs(
    __name__,
    {
        "demo": "demo",
        "train": "train",
        "eval": "evaluate",
        "run": "apply",
        "record": "record",
        "show": "show",
        "ship": "ship",
        "table": "table",
        "bench": "bench",
    },
)
