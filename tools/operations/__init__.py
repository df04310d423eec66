"""What operators do to a stack, here or on AWS: look at it, fill it, empty it, take it down."""
