"""What people look at: where the network looks, what it takes for alike, how it moves in time."""
