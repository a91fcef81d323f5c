"""What the verbs of the command do for hart."""

from saccade.verbs.command import Verbs

COMMANDS = Verbs(
    __name__,
    {
        "train": ("train", "from generated clips to a tracker; resumable"),
        "eval": ("evaluate", "one-pass evaluation: a table, results.json, report.html"),
        "run": ("apply", "follow an object through your own video"),
        "show": ("show", "pictures of a run, an evaluation or weights"),
        "export": ("export", "the tracker as ONNX files, for programs without PyTorch"),
        "ship": ("ship", "make a run's weights the shipped ones, with a model card"),
        "table": ("table", "the paper's Table 1, Figs. 5 and 6, from real runs"),
        "bench": ("bench", "speed, beside OpenCV's trackers in the same run"),
    },
)
