"""What people look at: decisions, films, replays, what a dataset holds."""
