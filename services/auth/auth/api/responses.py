"""Responses: a body of `auth.api.schemas` as JSON."""

from aws_lambda_powertools.event_handler import Response

from auth.api.schemas import MessageResponse, ResponseBody, SignInResponse
from auth.domain.session import Session
from matinee.http.api import json_response


def respond(body: ResponseBody) -> Response[str]:
    """Return a response with a body."""
    return json_response(body.model_dump())


def respond_with_message(message: str) -> Response[str]:
    """Return a response that only states what was done."""
    return respond(MessageResponse(message=message))


def respond_with_tokens(model: type[SignInResponse], session: Session) -> Response[str]:
    """Return the tokens of a session in a response that must not be stored."""
    tokens = model.model_validate(session, from_attributes=True)
    return json_response(tokens.model_dump(), headers={"Cache-Control": "no-store"})
