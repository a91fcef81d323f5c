"""Options of the command line for a world that needs no GL and does not wait long."""

FAST = ("--world.no-use-gl", "--world.settle-time", "1")
