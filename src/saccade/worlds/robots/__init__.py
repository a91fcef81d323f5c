"""Robots: what motion code needs to know of an arm, and the arms that Saccade builds itself."""

from saccade.worlds.robots.arm import Arm, ArmAddresses, Gripper

__all__ = ["Arm", "ArmAddresses", "Gripper"]
