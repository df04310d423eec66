"""The appsync of rooms."""
