"""Which function a sample event is for."""

from pathlib import Path

import pytest

from tools.local.invocation import SampleError, function_of

FUNCTIONS = {"NotifierFunction": "matinee-NotifierFunction-1", "StatusFunction": "matinee-Status"}


def test_a_samples_name_begins_with_its_function() -> None:
    sample = Path("events/rooms/NotifierFunction.sqs.match-found.json")
    assert function_of(sample, FUNCTIONS) == "NotifierFunction"


def test_a_sample_of_no_function_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(SampleError, match="NotifierFunction, StatusFunction"):
        function_of(Path("Nobody.sqs.case.json"), FUNCTIONS)
