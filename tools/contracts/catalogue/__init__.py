"""The catalogue of events as a page for people, with drawings of who publishes and who consumes.

    python -m tools.contracts.catalogue dist/docs/events.html

One file, made from the contracts and the template's rules; it asks nothing of the network.
"""
