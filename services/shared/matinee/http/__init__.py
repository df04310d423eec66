"""HTTP: routes, requests, responses and problems (RFC 9457)."""
