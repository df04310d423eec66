"""The bodies of requests and responses, with the field names that MovieRec's clients use."""

from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
)

from auth.domain.account import Profile
from auth.domain.code import normalize_code
from auth.domain.display_name import AVATAR_PATTERN
from auth.domain.email import MAX_EMAIL_LENGTH, normalize_email
from auth.domain.password import MAX_PASSWORD_LENGTH, normalize_password
from auth.domain.username import MAX_USERNAME_LENGTH, MIN_USERNAME_LENGTH, normalize_username
from matinee.display_name import MAX_NAME_LENGTH, normalize_display_name

VERSION = "0.1.0"
"""The release that GET /status names. A test compares it with pyproject.toml."""

_MAX_CODE_LENGTH = 64
_MAX_REFRESH_TOKEN_LENGTH = 8192


def _normalized(secret: SecretStr) -> SecretStr:
    return SecretStr(normalize_password(secret.get_secret_value()))


def _code(value: object) -> object:
    return normalize_code(value) if isinstance(value, str) else value


def _encodable(secret: SecretStr) -> SecretStr:
    """Refuse half a surrogate pair: JSON can express it, UTF-8 and so the user pool cannot."""
    try:
        secret.get_secret_value().encode()
    except UnicodeEncodeError as error:
        message = "must be a text"
        raise ValueError(message) from error
    return secret


Email = Annotated[
    str,
    Field(json_schema_extra={"format": "email", "maxLength": MAX_EMAIL_LENGTH}),
    AfterValidator(normalize_email),
]
Password = Annotated[
    SecretStr,
    Field(min_length=1, max_length=MAX_PASSWORD_LENGTH),
    AfterValidator(_normalized),
]
Username = Annotated[
    str,
    Field(json_schema_extra={"minLength": MIN_USERNAME_LENGTH, "maxLength": MAX_USERNAME_LENGTH}),
    AfterValidator(normalize_username),
]
DisplayName = Annotated[
    str,
    Field(json_schema_extra={"minLength": 1, "maxLength": MAX_NAME_LENGTH}),
    AfterValidator(normalize_display_name),
]


Code = Annotated[
    str,
    BeforeValidator(_code),
    Field(min_length=1, max_length=_MAX_CODE_LENGTH, pattern=r"^[0-9A-Za-z-]+$", repr=False),
]
RefreshToken = Annotated[
    SecretStr,
    Field(min_length=1, max_length=_MAX_REFRESH_TOKEN_LENGTH),
    AfterValidator(_encodable),
]


class RequestBody(BaseModel):
    """A request body. Unknown fields are refused; values appear in no error message."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True
    )


class SignUpMode(BaseModel):
    """The operation that POST /auth/signup is asked for: with a `code` it verifies."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, hide_input_in_errors=True, defer_build=True
    )

    code: Any = Field(default=None, repr=False)

    @property
    def verifies(self) -> bool:
        """Whether the body has a code."""
        return "code" in self.model_fields_set


class RegisterRequest(RequestBody):
    """Creates an account."""

    email: Email = Field(examples=["ann@example.com"])
    password: Password = Field(
        description="8 to 256 characters with an upper-case letter, a lower-case letter and "
        "a digit; no space at its beginning or end. Compared in Unicode's NFC form.",
        examples=["Popcorn4two"],
    )
    username: Username | None = Field(
        default=None,
        description="Letters, digits, `_` and `.`; the account's preferred name.",
        examples=["ann.frames"],
    )


class VerifyRequest(RequestBody):
    """Confirms an account by the code that was sent to its address."""

    email: Email = Field(examples=["ann@example.com"])
    code: Code = Field(description="As the mail has it; blanks are ignored.", examples=["123456"])


class UpgradeRequest(RequestBody):
    """Makes a user of a guest, once the address is verified."""

    email: Email = Field(examples=["cleo@example.com"])
    password: Password = Field(
        description="The rules are those of a sign-up.", examples=["Popcorn4two"]
    )


class UpgradeVerifyRequest(RequestBody):
    """Makes a user of a guest by the code that was sent to their address."""

    code: Code = Field(description="As the mail has it; blanks are ignored.", examples=["123456"])


class SignInMode(BaseModel):
    """The identifier in the body: a username if there is one and no address."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, hide_input_in_errors=True, defer_build=True
    )

    email: Any = Field(default=None, repr=False)
    username: Any = Field(default=None, repr=False)

    @property
    def by_username(self) -> bool:
        """Whether the body has a username and no address."""
        return self.model_fields_set == {"username"}


class EmailCredentials(RequestBody):
    """Signs a user in by their address."""

    email: Email = Field(examples=["ann@example.com"])
    password: Password = Field(examples=["Popcorn4two"])


class UsernameCredentials(RequestBody):
    """Signs a user in by their username."""

    username: Username = Field(examples=["ann.frames"])
    password: Password = Field(examples=["Popcorn4two"])


REFRESH_TOKEN_SPELLINGS = ("RefreshToken", "refreshToken", "refresh_token")


def _describe_spellings(schema: dict[str, Any]) -> None:
    token = schema["properties"].pop("RefreshToken")
    schema["properties"] = {name: dict(token) for name in REFRESH_TOKEN_SPELLINGS}
    del schema["required"]
    # In an allOf, where generators of clients do not take it for a type of the body.
    schema["allOf"] = [{"oneOf": [{"required": [name]} for name in REFRESH_TOKEN_SPELLINGS]}]


class TokenRefreshRequest(RequestBody):
    """Requests new tokens, by a refresh token in one of its spellings."""

    model_config = ConfigDict(json_schema_extra=_describe_spellings)

    refresh_token: RefreshToken = Field(validation_alias=AliasChoices(*REFRESH_TOKEN_SPELLINGS))


class CodeRequest(RequestBody):
    """Requests a code for an address."""

    email: Email = Field(examples=["ann@example.com"])


class PasswordResetRequest(RequestBody):
    """Sets a new password by the code that was sent."""

    email: Email = Field(examples=["ann@example.com"])
    code: Code = Field(description="As the mail has it; blanks are ignored.", examples=["123456"])
    password: Password = Field(
        description="The new password; the rules are those of the first one.",
        examples=["Popcorn4three"],
    )


class UsernameRequest(RequestBody):
    """Names a username."""

    username: Username = Field(
        description="Letters, digits, `_` and `.`; compared without case.", examples=["ann.frames"]
    )


class ProfileRequest(RequestBody):
    """What others shall see; what is left out, or null, is the default."""

    name: DisplayName | None = Field(
        default=None,
        description="1 to 40 characters, none of them invisible. Without it the username is shown.",
        examples=["Ann from the third floor"],
    )
    avatar: str | None = Field(
        default=None,
        pattern=AVATAR_PATTERN,
        description="The name of one of the app's pictures; never an address.",
        examples=["red-panda"],
    )


class ResponseBody(BaseModel):
    """A response body."""

    model_config = ConfigDict(
        frozen=True,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        defer_build=True,
    )


class RegisterResponse(ResponseBody):
    """The account exists."""

    message: str = Field(examples=["User registered successfully"])
    user_sub: str = Field(alias="userSub", description="The user's id: the `sub` of their tokens.")


class VerifyResponse(ResponseBody):
    """The account is confirmed."""

    message: str = Field(examples=["Email verified successfully"])
    email: str


class UpgradeResponse(ResponseBody):
    """What has become of a guest."""

    message: str = Field(examples=["A code is on its way to the address"])
    email: str = Field(description="The address that is theirs, or that a code was sent to.")
    upgraded: bool = Field(
        description="Whether they are a user now: their refresh token brings the tokens of one."
    )


class SignInResponse(ResponseBody):
    """The user's tokens, as the user pool issued them."""

    access_token: str = Field(
        alias="AccessToken", description="For `Authorization: Bearer`; valid for an hour."
    )
    id_token: str = Field(alias="IdToken", description="Who the user is, for the client's own use.")
    refresh_token: str = Field(alias="RefreshToken", description="For POST /auth/refresh.")
    expires_in: int = Field(
        alias="ExpiresIn", description="Lifetime of the AccessToken in seconds."
    )
    email: str


class TokenRefreshResponse(SignInResponse):
    """New tokens, as the user pool issued them."""

    refresh_token: str = Field(
        alias="RefreshToken", description="The same as before, unless the pool rotates it."
    )


class MessageResponse(ResponseBody):
    """The request was carried out."""

    message: str


class UsernameAvailability(ResponseBody):
    """Whether the username belongs to nobody."""

    available: bool


class UsernameChanged(ResponseBody):
    """The username belongs to the caller."""

    success: bool


class ProfileResponse(ResponseBody):
    """The caller, as others see them."""

    user_id: str = Field(alias="userId", description="The `sub` of their tokens.")
    username: str | None
    name: str | None = Field(description="The name that they have chosen, else their username.")
    avatar: str | None

    @classmethod
    def from_profile(cls, profile: Profile) -> Self:
        """Return a profile."""
        public = profile.public
        return cls(
            user_id=profile.account.user_id,
            username=profile.username.display if profile.username else None,
            name=public.name if public else None,
            avatar=profile.avatar,
        )


class StatusResponse(ResponseBody):
    """The API works."""

    status: str = Field(examples=["ok"])
    service: str = Field(examples=["auth"])
    stage: str = Field(examples=["prod"])
    version: str = Field(examples=[VERSION])
