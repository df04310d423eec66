"""The HTTP API: requests, responses and routes."""
