"""The local stack: everything that `make run` starts, under one supervisor."""
