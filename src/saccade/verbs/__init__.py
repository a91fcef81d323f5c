"""What a verb of the command does that is the same for every system.

Each module is one verb's skeleton; a system fills it with functions and data. Nothing here knows
a system or a world.
"""
