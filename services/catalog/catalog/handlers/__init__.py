"""One file for each function."""
