"""The entry points of the functions, one file each."""
