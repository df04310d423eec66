"""The api of rooms."""
