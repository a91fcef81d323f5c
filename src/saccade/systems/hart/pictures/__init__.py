"""What people look at: films of a tracker at work, results.json and reports."""
