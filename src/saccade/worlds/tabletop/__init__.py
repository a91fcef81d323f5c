"""Tasks of a Panda at a table, seen by one RGB-D camera: `env.TabletopEnv`, `tasks.TASKS`."""
