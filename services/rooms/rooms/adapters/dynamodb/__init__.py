"""The tables of rooms. Every write is one transaction with the event of the change."""
