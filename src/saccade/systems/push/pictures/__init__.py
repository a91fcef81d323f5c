"""What people look at: pictures of decisions, films, replays, results.json and reports."""
