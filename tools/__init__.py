"""Developer tooling: the local stack, the TMDB stand-in, contract checks."""
