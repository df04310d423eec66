"""The rules of recommending; the standard library alone, but for `training`."""
