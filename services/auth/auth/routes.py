"""The routes of this service: what each takes, answers and refuses.

The handlers register these paths, and the OpenAPI document is generated from this table.
"""

from dataclasses import dataclass
from http import HTTPMethod

from pydantic import BaseModel

from auth.errors import (
    AccountsUnavailable,
    AddressRefused,
    CodeNotSent,
    EmailAlreadyRegistered,
    FurtherStepRequired,
    InvalidCredentials,
    InvalidVerificationCode,
    PasswordResetRequired,
    TooManyAttempts,
    UserNotConfirmed,
    VerificationCodeExpired,
    WeakPassword,
)
from auth.schemas import (
    Credentials,
    Registered,
    Registration,
    SignedIn,
    Status,
    Verification,
    Verified,
)
from matinee.errors import Forbidden, InvalidInput, MatineeError
from matinee.http import MalformedBody


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route. Several requests, or answers, are alternatives; answers are all 200.

    `signed_in` tells whether an access token is needed.
    """

    method: HTTPMethod
    path: str
    name: str
    summary: str
    description: str
    requests: tuple[type[BaseModel], ...] = ()
    answers: tuple[type[BaseModel], ...]
    errors: tuple[type[MatineeError], ...] = ()
    signed_in: bool = False


SIGNUP = Route(
    method=HTTPMethod.POST,
    path="/auth/signup",
    name="signup",
    summary="Open an account, or confirm one",
    description="With a `password` it registers: the user pool sends a code to the address "
    "(unless the deployment confirms accounts by itself). With a `code` it verifies. Addresses "
    "are compared without case.",
    requests=(Registration, Verification),
    answers=(Registered, Verified),
    errors=(
        MalformedBody,
        InvalidInput,
        WeakPassword,
        AddressRefused,
        InvalidVerificationCode,
        VerificationCodeExpired,
        Forbidden,
        EmailAlreadyRegistered,
        TooManyAttempts,
        CodeNotSent,
        AccountsUnavailable,
    ),
)

SIGNIN = Route(
    method=HTTPMethod.POST,
    path="/auth/signin",
    name="signin",
    summary="Sign in with address and password",
    description="Answers the user pool's tokens. An unknown address and a wrong password are "
    "not told apart.",
    requests=(Credentials,),
    answers=(SignedIn,),
    errors=(
        MalformedBody,
        InvalidInput,
        InvalidCredentials,
        UserNotConfirmed,
        PasswordResetRequired,
        FurtherStepRequired,
        Forbidden,
        TooManyAttempts,
        AccountsUnavailable,
    ),
)

STATUS = Route(
    method=HTTPMethod.GET,
    path="/status",
    name="status",
    summary="Tell that the API answers",
    description="For health checks: it depends on nothing behind the API.",
    answers=(Status,),
)

ROUTES = (SIGNUP, SIGNIN, STATUS)
