"""The functions, one a file."""
