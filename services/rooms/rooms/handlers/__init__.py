"""The handlers: one module for each function, from its trigger's event to a use case."""
