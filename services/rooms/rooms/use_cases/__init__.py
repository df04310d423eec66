"""The use_cases of rooms."""
