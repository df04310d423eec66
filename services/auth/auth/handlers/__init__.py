"""The functions' entry points, one file each."""
