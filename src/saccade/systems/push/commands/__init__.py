"""What the verbs of the command do for push."""

from saccade.verbs.command import Verbs

COMMANDS = Verbs(
    __name__,
    {
        "demo": ("demo", "clear ten random blocks into the box, with the shipped weights"),
        "train": ("train", "mask, value network and rounds of acting; resumable"),
        "eval": ("evaluate", "the papers' protocol: a table, results.json, report.html"),
        "run": ("apply", "the push for your own depth image, in your camera's world"),
        "record": ("record", "pushes on random scenarios, for training"),
        "show": ("show", "pictures of a run, a dataset, an evaluation or weights"),
        "export": ("export", "the networks as ONNX files, for programs without PyTorch"),
        "ship": ("ship", "make a run's weights the shipped ones, with a model card"),
        "table": ("table", "the papers' tables beside ours, from real runs"),
        "bench": ("bench", "speed, beside the papers' networks in the same run"),
    },
)
