"""What the verbs of the command do for smak."""

from saccade.verbs.command import Verbs

COMMANDS = Verbs(
    __name__,
    {
        "train": ("train", "from synchronised views to an embedding; resumable"),
        "record": ("record", "demonstrations of pouring from several sides; resumable"),
        "eval": ("evaluate", "alignment, classification, order: a table, results.json, report"),
        "show": ("show", "pictures of a run, a dataset, an evaluation or weights"),
        "ship": ("ship", "make a run's weights the shipped ones, with a model card"),
        "bench": ("bench", "speed of embedding and learning, beside the peers' networks"),
    },
)
