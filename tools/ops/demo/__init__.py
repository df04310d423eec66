"""The product at work: `make demo` and `make play` against what `make run` has started."""
