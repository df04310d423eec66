"""The library service: what a user keeps, and what he likes."""
