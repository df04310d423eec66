"""The domain of rooms."""
