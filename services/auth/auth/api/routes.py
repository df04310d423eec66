"""The routes of this service: what each takes, answers and refuses."""

from http import HTTPMethod

from auth.api.schemas import (
    Availability,
    CodeRequest,
    Credentials,
    Done,
    Name,
    PasswordReset,
    Refreshed,
    Refreshing,
    Registered,
    Registration,
    Reserved,
    SignedIn,
    Status,
    UsernameCredentials,
    Verification,
    Verified,
)
from auth.domain.errors import (
    AccountGone,
    AccountsUnavailable,
    AddressRefused,
    CodeNotSent,
    Contended,
    DeletionUnfinished,
    EmailAlreadyRegistered,
    FurtherStepRequired,
    InvalidCredentials,
    InvalidResetCode,
    InvalidVerificationCode,
    PasswordResetRequired,
    SessionExpired,
    TooManyAttempts,
    UsernameTaken,
    UserNotConfirmed,
    VerificationCodeExpired,
    WeakPassword,
)
from matinee.errors import Forbidden, InvalidInput, Unauthorized
from matinee.http.problem import MalformedBody
from matinee.http.routes import Route

_BODY = (MalformedBody, InvalidInput)
_POOL = (Forbidden, TooManyAttempts, AccountsUnavailable)
"""What every call to the user pool may come to."""

SIGNUP = Route(
    method=HTTPMethod.POST,
    path="/auth/signup",
    name="signup",
    summary="Open an account, or confirm one",
    description="Without a `code` it registers, and the user pool sends a code to the address "
    "(unless the deployment confirms accounts by itself). With a `code` it verifies. Addresses "
    "are compared without case. Who names no username gets one when he is confirmed.",
    requests=(Registration, Verification),
    responses=(Registered, Verified),
    errors=(
        *_BODY,
        WeakPassword,
        AddressRefused,
        InvalidVerificationCode,
        VerificationCodeExpired,
        EmailAlreadyRegistered,
        UsernameTaken,
        CodeNotSent,
        *_POOL,
    ),
)

RESEND_CODE = Route(
    method=HTTPMethod.POST,
    path="/auth/resend-code",
    name="resendCode",
    summary="Send the code of a new account again",
    description="The answer is the same whether or not the address waits for a code.",
    requests=(CodeRequest,),
    responses=(Done,),
    errors=(*_BODY, *_POOL),
)

SIGNIN = Route(
    method=HTTPMethod.POST,
    path="/auth/signin",
    name="signin",
    summary="Sign in with address or username, and password",
    description="Answers the user pool's tokens. An unknown address, an unknown username and a "
    "wrong password are not told apart. Ten failures of one address, or a hundred from one IP "
    "address, within a quarter of an hour are answered with 429 until it is over.",
    requests=(Credentials, UsernameCredentials),
    responses=(SignedIn,),
    errors=(
        *_BODY,
        InvalidCredentials,
        UserNotConfirmed,
        PasswordResetRequired,
        FurtherStepRequired,
        Contended,
        *_POOL,
    ),
)

REFRESH = Route(
    method=HTTPMethod.POST,
    path="/auth/refresh",
    name="refresh",
    summary="Get new tokens",
    description="For a refresh token that is neither too old nor revoked. Which of these, or "
    "anything else, is wrong with it is not told apart: the way on is to sign in.",
    requests=(Refreshing,),
    responses=(Refreshed,),
    errors=(*_BODY, SessionExpired, PasswordResetRequired, *_POOL),
)

SIGNOUT = Route(
    method=HTTPMethod.POST,
    path="/auth/signout",
    name="signout",
    summary="End every session, on all devices",
    description="Refresh tokens are void at once. An access token stays good until it expires, "
    "an hour at most: throw it away. A body is not read.",
    responses=(Done,),
    errors=(Unauthorized, *_POOL),
    signed_in=True,
)

FORGOT_PASSWORD = Route(
    method=HTTPMethod.POST,
    path="/auth/forgot-password",
    name="forgotPassword",
    summary="Ask for a code to set a new password",
    description="The answer is the same whether or not the address has an account.",
    requests=(CodeRequest,),
    responses=(Done,),
    errors=(*_BODY, *_POOL),
)

RESET_PASSWORD = Route(
    method=HTTPMethod.POST,
    path="/auth/reset-password",
    name="resetPassword",
    summary="Set a new password by its code",
    description="Ends every session of the user. A wrong code, an old one and an address without "
    "an account are not told apart.",
    requests=(PasswordReset,),
    responses=(Done,),
    errors=(*_BODY, WeakPassword, InvalidResetCode, *_POOL),
)

CHECK_USERNAME = Route(
    method=HTTPMethod.GET,
    path="/auth/usernames/{username}",
    name="checkUsername",
    summary="Tell whether a username is free",
    description="As of now: only taking it makes it somebody's.",
    parameters=Name,
    responses=(Availability,),
    errors=(InvalidInput, AccountsUnavailable),
)

TAKE_USERNAME = Route(
    method=HTTPMethod.POST,
    path="/auth/usernames",
    name="takeUsername",
    summary="Take a username",
    description="The one that the user had is free from the same moment on.",
    requests=(Name,),
    responses=(Reserved,),
    errors=(*_BODY, Unauthorized, AccountGone, UsernameTaken, Contended, AccountsUnavailable),
    signed_in=True,
)

DELETE_ACCOUNT = Route(
    method=HTTPMethod.DELETE,
    path="/auth/account",
    name="deleteAccount",
    summary="Delete the caller's account",
    description="For good. The account, its profile and its username are gone with the answer; "
    "what other services hold of the user follows within moments. Asking again changes nothing. "
    "A body is not read.",
    responses=(Done,),
    errors=(Unauthorized, DeletionUnfinished, AccountsUnavailable),
    signed_in=True,
)

STATUS = Route(
    method=HTTPMethod.GET,
    path="/status",
    name="status",
    summary="Tell that the API answers",
    description="For health checks: it depends on nothing behind the API.",
    responses=(Status,),
)

ROUTES = (
    SIGNUP,
    RESEND_CODE,
    SIGNIN,
    REFRESH,
    SIGNOUT,
    FORGOT_PASSWORD,
    RESET_PASSWORD,
    CHECK_USERNAME,
    TAKE_USERNAME,
    DELETE_ACCOUNT,
    STATUS,
)
