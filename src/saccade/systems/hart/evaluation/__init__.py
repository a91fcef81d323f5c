"""What is followed, by whom, and how well: sequences, trackers by name, measures."""
