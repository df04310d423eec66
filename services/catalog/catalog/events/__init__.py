"""The events that the service publishes and the commands that it consumes."""
