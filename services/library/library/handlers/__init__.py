"""The functions of this service, one module each."""
