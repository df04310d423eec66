"""The use cases, one in each file."""
