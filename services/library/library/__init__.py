"""The library: what users like, what they want to watch, and their preferences."""
