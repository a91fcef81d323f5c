"""What people look at: frames with boxes, films of a tracker at work, steps of a report."""
