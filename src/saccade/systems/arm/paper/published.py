"""Figures that others published on tasks of the same names, in RLBench (CoppeliaSim).

Success after 30,000 low-level steps with 100 demonstrations, from the published logs of CQN-AS.
The simulator, the objects and the controllers are others than here: they show how hard the tasks
are found elsewhere, and are no competitors of the rows. The paper prints its own curves without
numbers; what its text says is that no baseline does any task and that its agent does all eight.
"""

from __future__ import annotations

SOURCE = "RLBench, another simulator"
PUBLISHED: dict[str, dict[str, float]] = {
    "take_lid_off_saucepan": {"CQN": 0.88, "CQN-AS": 0.51, "DrQ-v2+": 0.43, "ACT": 0.76},
    "stack_wine": {"CQN": 0.81, "CQN-AS": 0.74, "DrQ-v2+": 0.34, "ACT": 0.78},
    "phone_on_base": {"CQN": 0.20, "CQN-AS": 0.31, "DrQ-v2+": 0.04, "ACT": 0.05},
    "pick_up_cup": {"CQN": 0.24, "CQN-AS": 0.55, "DrQ-v2+": 0.11, "ACT": 0.49},
    "put_rubbish_in_bin": {"CQN": 0.25, "CQN-AS": 0.24, "DrQ-v2+": 0.02, "ACT": 0.26},
}
"""Success by method and task."""
