"""Other services' functions, by their published interfaces."""
