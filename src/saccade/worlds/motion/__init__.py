"""Motion of arms: inverse kinematics, planning around obstacles, timing, and the pose action."""
