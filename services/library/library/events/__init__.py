"""The events that the library publishes and consumes."""
