"""One module for each function: from its trigger's event to a use case and back."""
