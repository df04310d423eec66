"""The routes of this service: their requests, responses and errors."""

from http import HTTPMethod

from auth.api.schemas import (
    CodeRequest,
    EmailCredentials,
    MessageResponse,
    PasswordResetRequest,
    ProfileRequest,
    ProfileResponse,
    RegisterRequest,
    RegisterResponse,
    SignInResponse,
    StatusResponse,
    TokenRefreshRequest,
    TokenRefreshResponse,
    UpgradeRequest,
    UpgradeResponse,
    UpgradeVerifyRequest,
    UsernameAvailability,
    UsernameChanged,
    UsernameCredentials,
    UsernameRequest,
    VerifyRequest,
    VerifyResponse,
)
from auth.domain.errors import (
    AccountGone,
    AccountsUnavailable,
    AddressRefused,
    CodeNotSent,
    DeletionUnfinished,
    EmailAlreadyRegistered,
    FurtherStepRequired,
    GuestIsUser,
    InvalidCredentials,
    InvalidResetCode,
    InvalidVerificationCode,
    PasswordResetRequired,
    SessionExpired,
    UsernameTaken,
    UserNotConfirmed,
    VerificationCodeExpired,
    WeakPassword,
    WriteConflict,
)
from matinee.errors import Forbidden, InvalidInput, TooManyAttempts, Unauthorized
from matinee.http.problem import MalformedBody
from matinee.http.routes import Route

_BODY = (MalformedBody, InvalidInput)
_POOL = (Forbidden, TooManyAttempts, AccountsUnavailable)
"""What every call of the user pool may raise."""

SIGNUP = Route(
    method=HTTPMethod.POST,
    path="/auth/signup",
    name="signup",
    summary="Create an account, or confirm one",
    description="Without a `code` it registers, and the user pool sends a code to the address "
    "(unless the deployment confirms accounts automatically). With a `code` it verifies. Addresses "
    "are compared without case. Without a username the account gets one when it is confirmed.",
    requests=(RegisterRequest, VerifyRequest),
    responses=(RegisterResponse, VerifyResponse),
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
    description="The response is the same whether or not the address waits for a code.",
    requests=(CodeRequest,),
    responses=(MessageResponse,),
    errors=(*_BODY, *_POOL),
)

SIGNIN = Route(
    method=HTTPMethod.POST,
    path="/auth/signin",
    name="signin",
    summary="Sign in with address or username, and password",
    description="Returns the user pool's tokens. An unknown address, an unknown username and a "
    "wrong password get the same error. After ten failures for one address, or a hundred from one "
    "IP address, within a quarter of an hour the response is 429 until it is over.",
    requests=(EmailCredentials, UsernameCredentials),
    responses=(SignInResponse,),
    errors=(
        *_BODY,
        InvalidCredentials,
        UserNotConfirmed,
        PasswordResetRequired,
        FurtherStepRequired,
        WriteConflict,
        *_POOL,
    ),
)

REFRESH = Route(
    method=HTTPMethod.POST,
    path="/auth/refresh",
    name="refresh",
    summary="Get new tokens",
    description="For a refresh token that is neither expired nor revoked. Whatever is wrong with "
    "it, the error is the same: the user has to sign in again.",
    requests=(TokenRefreshRequest,),
    responses=(TokenRefreshResponse,),
    errors=(*_BODY, SessionExpired, PasswordResetRequired, *_POOL),
)

SIGNOUT = Route(
    method=HTTPMethod.POST,
    path="/auth/signout",
    name="signout",
    summary="End every session, on all devices",
    description="Refresh tokens are revoked at once. An access token stays valid until it expires, "
    "an hour at most: discard it. A body is not read.",
    responses=(MessageResponse,),
    errors=(Unauthorized, *_POOL),
    signed_in=True,
)

FORGOT_PASSWORD = Route(
    method=HTTPMethod.POST,
    path="/auth/forgot-password",
    name="forgotPassword",
    summary="Request a code to set a new password",
    description="The response is the same whether or not the address has an account.",
    requests=(CodeRequest,),
    responses=(MessageResponse,),
    errors=(*_BODY, *_POOL),
)

RESET_PASSWORD = Route(
    method=HTTPMethod.POST,
    path="/auth/reset-password",
    name="resetPassword",
    summary="Set a new password by its code",
    description="Ends every session of the user. A wrong code, an expired one and an address "
    "without an account get the same error.",
    requests=(PasswordResetRequest,),
    responses=(MessageResponse,),
    errors=(*_BODY, WeakPassword, InvalidResetCode, *_POOL),
)

CHECK_USERNAME = Route(
    method=HTTPMethod.GET,
    path="/auth/usernames/{username}",
    name="checkUsername",
    summary="Check whether a username is available",
    description="As of now: only taking it reserves it.",
    parameters=UsernameRequest,
    responses=(UsernameAvailability,),
    errors=(InvalidInput, AccountsUnavailable),
)

TAKE_USERNAME = Route(
    method=HTTPMethod.POST,
    path="/auth/usernames",
    name="takeUsername",
    summary="Take a username",
    description="The user's former one is available from the same moment on.",
    requests=(UsernameRequest,),
    responses=(UsernameChanged,),
    errors=(*_BODY, Unauthorized, AccountGone, UsernameTaken, WriteConflict, AccountsUnavailable),
    signed_in=True,
)

GET_PROFILE = Route(
    method=HTTPMethod.GET,
    path="/auth/profile",
    name="getProfile",
    summary="Show the caller's profile",
    description="As others see it, in rooms for example.",
    responses=(ProfileResponse,),
    errors=(AccountGone, AccountsUnavailable),
    signed_in=True,
)

PUT_PROFILE = Route(
    method=HTTPMethod.PUT,
    path="/auth/profile",
    name="putProfile",
    summary="Choose what others see of the caller",
    description="Name and picture are replaced; what is left out is the default again. Nothing is "
    "kept of them elsewhere: they are gone with the account.",
    requests=(ProfileRequest,),
    responses=(ProfileResponse,),
    errors=(*_BODY, AccountGone, AccountsUnavailable),
    signed_in=True,
)

DELETE_ACCOUNT = Route(
    method=HTTPMethod.DELETE,
    path="/auth/account",
    name="deleteAccount",
    summary="Delete the caller's account",
    description="Permanently. The account, its profile and its username are deleted before the "
    "response; what other services store about the user follows within moments. Repeating the "
    "request changes nothing. A body is not read.",
    responses=(MessageResponse,),
    errors=(Unauthorized, DeletionUnfinished, AccountsUnavailable),
    signed_in=True,
)

UPGRADE_GUEST = Route(
    method=HTTPMethod.POST,
    path="/auth/guests/upgrade",
    name="upgradeGuest",
    summary="Make a user of a guest",
    description="For guests (POST /auth/guests), by their access token. With an address and a "
    "password the user pool sends a code to the address (unless the deployment confirms accounts "
    "automatically); again sends another one. With the `code` the guest is a user of the same id, "
    "and nothing of theirs is moved; again changes nothing. Then POST /auth/refresh returns the "
    "tokens of a user. It says as much of an address as POST /auth/signup does.",
    requests=(UpgradeRequest, UpgradeVerifyRequest),
    responses=(UpgradeResponse,),
    errors=(
        *_BODY,
        WeakPassword,
        AddressRefused,
        InvalidVerificationCode,
        VerificationCodeExpired,
        Unauthorized,
        SessionExpired,
        AccountGone,
        EmailAlreadyRegistered,
        GuestIsUser,
        WriteConflict,
        *_POOL,
    ),
    signed_in=True,
)

STATUS = Route(
    method=HTTPMethod.GET,
    path="/status",
    name="status",
    summary="Check that the API works",
    description="For health checks. It depends on nothing behind the API.",
    responses=(StatusResponse,),
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
    GET_PROFILE,
    PUT_PROFILE,
    DELETE_ACCOUNT,
    UPGRADE_GUEST,
    STATUS,
)
