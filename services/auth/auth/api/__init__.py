"""The HTTP routes and the payloads of the user pool's triggers."""
