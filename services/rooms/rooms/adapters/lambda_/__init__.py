"""The lambda_ of rooms."""
