"""What the verbs of the command do for arm."""

from saccade.verbs.command import Verbs

COMMANDS = Verbs(
    __name__,
    {
        "demo": ("demo", "the eight tasks, with the shipped weights: films and a report"),
        "train": ("train", "a task from few demonstrations, then from own episodes; resumable"),
        "eval": ("evaluate", "unseen placements of a task: a table, results.json, report.html"),
        "run": ("apply", "the next-best pose for your own RGB-D image, in your camera's world"),
        "record": ("record", "demonstrations of a task by its scripted expert"),
        "show": ("show", "pictures of a run, a dataset, an evaluation or weights"),
        "ship": ("ship", "make a run's weights the shipped ones of its task, with a model card"),
        "table": ("table", "the paper's learning curves, baselines and ablations beside ours"),
        "bench": ("bench", "speed: decisions, episodes, learning"),
    },
)
