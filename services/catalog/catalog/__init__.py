"""The catalog service: what there is to watch, from TMDB."""
