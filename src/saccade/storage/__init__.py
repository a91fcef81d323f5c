"""Files and folders that appear whole, have one writer, and are read without trust."""
