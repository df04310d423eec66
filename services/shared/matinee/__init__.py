"""Matinee's plumbing: what every service needs and none of them owns.

This package is the Lambda layer. It knows events, queues, tokens and errors; it knows no service,
and an architecture test holds it to that.
"""
