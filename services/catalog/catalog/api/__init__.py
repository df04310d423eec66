"""What clients and other services send and get."""
