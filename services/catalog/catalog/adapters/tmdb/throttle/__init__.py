"""The rate limit, priorities and circuit breaker that all requests to TMDB share."""
