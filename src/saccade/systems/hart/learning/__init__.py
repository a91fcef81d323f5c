"""What a tracker learns from: clips, where its windows are put, and what is minimised."""
