"""What must not be in a file, and what must not be in a package: secrets, known holes."""
