"""The product at work: `make demo` against what `make run` has started."""
