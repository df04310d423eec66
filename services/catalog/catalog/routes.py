"""The routes of this service: what each takes, answers and refuses."""

from catalog.refresh_routes import REFRESH_ROUTES

ROUTES = (*REFRESH_ROUTES,)
