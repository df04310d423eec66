"""What a simulated service answers instead of a result."""

from typing import Any


class AwsError(Exception):
    """An error of the service itself, as botocore's ClientError has it."""

    def __init__(self, code: str, message: str = "", **more: Any) -> None:  # noqa: ANN401 - any JSON
        self.code = code
        self.response: dict[str, Any] = {
            "Error": {"Code": code, "Message": message or code},
            "ResponseMetadata": {"HTTPStatusCode": 500 if code.startswith("Internal") else 400},
            **more,
        }
        super().__init__(f"{code}: {message}")


class NoAnswer(Exception):
    """The call may have taken effect; its caller waits in vain, and learns that much."""
