"""Adapters: the ports over AWS."""
