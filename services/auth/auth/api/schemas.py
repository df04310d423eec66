"""The bodies of requests and answers, with the field names of the original's clients."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from auth.domain.account import (
    LONGEST_EMAIL,
    LONGEST_PASSWORD,
    normalised_email,
    normalised_username,
)

_LONGEST_CODE = 64
_LONGEST_REFRESH_TOKEN = 8192


def _writable(secret: SecretStr) -> SecretStr:
    """Refuse half a surrogate pair: JSON can say it, UTF-8 and so the user pool cannot."""
    try:
        secret.get_secret_value().encode()
    except UnicodeEncodeError as error:
        message = "must be a text"
        raise ValueError(message) from error
    return secret


Email = Annotated[
    str,
    Field(json_schema_extra={"format": "email", "maxLength": LONGEST_EMAIL}),
    AfterValidator(normalised_email),
]
Password = Annotated[
    SecretStr,
    Field(min_length=1, max_length=LONGEST_PASSWORD),
    AfterValidator(_writable),
]
Username = Annotated[
    str,
    Field(json_schema_extra={"minLength": 3, "maxLength": 20}),
    AfterValidator(normalised_username),
]


Code = Annotated[
    str, Field(min_length=1, max_length=_LONGEST_CODE, pattern=r"^[0-9A-Za-z-]+$", repr=False)
]
RefreshToken = Annotated[
    SecretStr,
    Field(min_length=1, max_length=_LONGEST_REFRESH_TOKEN),
    AfterValidator(_writable),
]


class RequestBody(BaseModel):
    """A body that may have no field but its own; what it holds shows in no message and no repr."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True
    )


class SignupMode(BaseModel):
    """Which of the two things POST /auth/signup is asked to do: a `code` makes it verify."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, hide_input_in_errors=True, defer_build=True
    )

    code: Any = Field(default=None, repr=False)

    @property
    def verifies(self) -> bool:
        """Return whether the body has a code."""
        return "code" in self.model_fields_set


class Registration(RequestBody):
    """Opens an account."""

    email: Email = Field(examples=["ann@example.com"])
    password: Password = Field(
        description="8 to 256 characters with an upper-case letter, a lower-case letter and "
        "a digit; no space at its beginning or end.",
        examples=["Popcorn4two"],
    )
    username: Username | None = Field(
        default=None,
        description="Letters, digits, `_` and `.`; kept as the account's preferred name.",
        examples=["ann.frames"],
    )


class Verification(RequestBody):
    """Confirms an account by the code that was sent to its address."""

    email: Email = Field(examples=["ann@example.com"])
    code: Code = Field(examples=["123456"])


class SigninMode(BaseModel):
    """How somebody signs in: by his username if there is one, and no address."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, hide_input_in_errors=True, defer_build=True
    )

    email: Any = Field(default=None, repr=False)
    username: Any = Field(default=None, repr=False)

    @property
    def by_username(self) -> bool:
        """Return whether the body has a username alone."""
        return self.model_fields_set == {"username"}


class Credentials(RequestBody):
    """Signs a user in by his address."""

    email: Email = Field(examples=["ann@example.com"])
    password: Password = Field(examples=["Popcorn4two"])


class UsernameCredentials(RequestBody):
    """Signs a user in by his username."""

    username: Username = Field(examples=["ann.frames"])
    password: Password = Field(examples=["Popcorn4two"])


class Refreshing(RequestBody):
    """Asks for new tokens."""

    refresh_token: RefreshToken = Field(alias="RefreshToken")


class CodeRequest(RequestBody):
    """Asks for a code to be sent to an address."""

    email: Email = Field(examples=["ann@example.com"])


class PasswordReset(RequestBody):
    """Sets a new password by the code that was sent."""

    email: Email = Field(examples=["ann@example.com"])
    code: Code = Field(examples=["123456"])
    password: Password = Field(
        description="The new one; the same rules as for a first one.", examples=["Popcorn4three"]
    )


class Name(RequestBody):
    """Names a username."""

    username: Username = Field(
        description="Letters, digits, `_` and `.`; compared without case.", examples=["ann.frames"]
    )


class AnswerBody(BaseModel):
    """A body that we answer."""

    model_config = ConfigDict(
        frozen=True,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        defer_build=True,
    )


class Registered(AnswerBody):
    """The account is open."""

    message: str = Field(examples=["User registered successfully"])
    user_sub: str = Field(alias="userSub", description="The user's id: the `sub` of his tokens.")


class Verified(AnswerBody):
    """The account is confirmed."""

    message: str = Field(examples=["Email verified successfully"])
    email: str


class SignedIn(AnswerBody):
    """The user's tokens, as the user pool made them."""

    access_token: str = Field(
        alias="AccessToken", description="For `Authorization: Bearer`; good for an hour."
    )
    id_token: str = Field(alias="IdToken", description="Who the user is, for the client's own use.")
    refresh_token: str = Field(alias="RefreshToken", description="Gets new tokens.")
    email: str


class Refreshed(SignedIn):
    """New tokens, as the user pool made them."""

    refresh_token: str = Field(
        alias="RefreshToken", description="The same as before, unless the pool gives new ones."
    )
    expires_in: int = Field(alias="ExpiresIn", description="Seconds that the AccessToken lives.")


class Done(AnswerBody):
    """What was asked for is done."""

    message: str


class Availability(AnswerBody):
    """Whether nobody has the username."""

    available: bool


class Reserved(AnswerBody):
    """The username is the caller's."""

    success: bool


class Status(AnswerBody):
    """The API answers."""

    status: str = Field(examples=["ok"])
    service: str = Field(examples=["auth"])
    stage: str = Field(examples=["prod"])
    version: str = Field(examples=["0.1.0"])
