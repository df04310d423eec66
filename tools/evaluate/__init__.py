"""Evaluation of recommendations offline, through the code that serves them."""
