"""Lambda: the catalogue's published function."""
