"""What people look at: where the arm looks, what it will do there, films of episodes."""
