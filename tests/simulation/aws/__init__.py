"""The services of AWS that the product uses, as far as it can tell."""
