"""Adapters: what is behind the ports."""
