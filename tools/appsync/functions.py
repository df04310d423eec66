"""Lambda data sources: the functions, called through the emulator's Lambda API."""

import json
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from tools.appsync.errors import FieldError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

EXECUTION_TIMEOUT = "ExecutionTimeout"


class FunctionFailed(Exception):
    """The function raised, or could not be called: what a response handler sees as ctx.error."""

    def __init__(self, message: str, error_type: str = "Lambda:Unhandled") -> None:
        super().__init__(message)
        self.message = message
        self.error_type = error_type


class FunctionInvoker(Protocol):
    """Calls a function by its physical name. Thread-safe."""

    def invoke(self, function_name: str, payload: object, *, wait: bool) -> object:
        """Return the function's answer, or None at once when nobody waits for it.

        Raises FunctionFailed, or FieldError when AppSync itself would give up waiting.
        """


class EmulatorFunctions:
    """Invokes through a boto3 client, whose read timeout bounds how long a function may take."""

    def __init__(self, client: "LambdaClient") -> None:
        self._lambda = client

    def invoke(self, function_name: str, payload: object, *, wait: bool) -> object:
        """See FunctionInvoker."""
        try:
            answer = self._lambda.invoke(
                FunctionName=function_name,
                InvocationType="RequestResponse" if wait else "Event",
                Payload=json.dumps(payload).encode(),
            )
            body = answer["Payload"].read() if wait else b""
        except ReadTimeoutError as error:
            raise FieldError("Execution timed out.", EXECUTION_TIMEOUT) from error
        except ClientError as error:
            code = error.response["Error"]["Code"]
            raise FunctionFailed(error.response["Error"]["Message"], f"Lambda:{code}") from error
        except BotoCoreError as error:
            raise FunctionFailed(str(error), "Lambda:SdkClientException") from error
        value = json.loads(body) if body else None
        if answer.get("FunctionError"):
            failure = value if isinstance(value, dict) else {}
            raise FunctionFailed(str(failure.get("errorMessage", "The function failed.")))
        return value
