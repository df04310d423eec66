"""What users and events make the library do, one use case a file."""
