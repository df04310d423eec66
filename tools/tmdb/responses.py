"""JSON as TMDB sends it: UTF-8 said in the content type, letters not escaped."""

from starlette.responses import JSONResponse


class TmdbJson(JSONResponse):
    """A JSON answer with TMDB's content type."""

    media_type = "application/json;charset=utf-8"
