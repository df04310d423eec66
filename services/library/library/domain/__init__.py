"""The rules of a library: titles on lists, and preferences."""
