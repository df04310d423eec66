"""Sample events in the running product: the scene that they speak of, and how they end."""
