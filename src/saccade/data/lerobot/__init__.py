"""Demonstrations as a LeRobotDataset (v3.0), for Hugging Face's LeRobot, and back. Extra `data`.

    dataset = DemonstrationDataset(Path("datasets/saucepan"))
    write_lerobot(Path("saucepan_lerobot"), dataset.successes(),
                  text={"take_lid_off_saucepan": "take the lid off the saucepan"})
    for demonstration in read_lerobot(Path("saucepan_lerobot")):
        print(demonstration.seed, len(demonstration))
    # and with LeRobot: LeRobotDataset("me/saucepan", root="saucepan_lerobot")[0]["action"]

A row is a control frame. `action` is absolute: the pose of the tip at the next row and whether the
gripper is open there; `next_keyframe` is the same at the next keyframe, which is what the system
`arm` learns. Between two images of a demonstration the earlier one is repeated; `seen_frame` says
from which row it is. Depth is float16 metres, 0 where nothing was measured.
"""

from saccade.data.lerobot.reading import read_lerobot
from saccade.data.lerobot.writing import write_lerobot

__all__ = ["read_lerobot", "write_lerobot"]
