"""The adapters of rooms."""
