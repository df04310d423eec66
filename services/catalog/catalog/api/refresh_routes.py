"""The routes of refreshes, for operators alone."""

from http import HTTPMethod

from catalog.api.refresh_schemas import RefreshReport, RefreshRequest, RefreshStarted, RunId
from catalog.domain.errors import (
    CatalogUnavailable,
    QueueUnavailable,
    RefreshNotFound,
    RefreshRunning,
)
from matinee.errors import Forbidden, InvalidInput
from matinee.http.problem import MalformedBody
from matinee.http.routes import Route

OPERATORS = "Operators"
"""The group of the user pool whose members may see and start refreshes."""

_FOR_OPERATORS = "For members of the group Operators only."

BEGIN_REFRESH = Route(
    method=HTTPMethod.POST,
    path="/media/refresh",
    name="beginRefresh",
    summary="Refresh the cached catalogue now",
    description=f"{_FOR_OPERATORS} Refused while another refresh is running.",
    requests=(RefreshRequest,),
    responses=(RefreshStarted,),
    errors=(
        MalformedBody,
        InvalidInput,
        Forbidden,
        RefreshRunning,
        QueueUnavailable,
        CatalogUnavailable,
    ),
    signed_in=True,
)

SHOW_REFRESH = Route(
    method=HTTPMethod.GET,
    path="/media/refresh/{runId}",
    name="showRefresh",
    summary="Show the progress of a refresh",
    description=f"{_FOR_OPERATORS} The record of a refresh is kept for thirty days.",
    parameters=RunId,
    responses=(RefreshReport,),
    errors=(InvalidInput, Forbidden, RefreshNotFound, CatalogUnavailable),
    signed_in=True,
)

REFRESH_ROUTES = (BEGIN_REFRESH, SHOW_REFRESH)
