"""Functions of other services, invoked through their published interfaces."""
