"""The GraphQL schema: nothing that AppSync ignores, and documents that must go on working."""

import pytest
from graphql import InputValueDefinitionNode, Visitor, parse, validate, visit

from tools.contracts.graphql_schema import read_schema
from tools.contracts.paths import ROOT

SCHEMA = ROOT / "contracts" / "graphql" / "schema.graphql"

ROOM = """id code hostId mediaType genreIds createdAt ttl
  candidates { id title overview posterPath releaseDate voteAverage voteCount genreIds }"""
MATCH = "roomId movieId matchId title posterPath matchedUsers timestamp"
OF_THE_ORIGINAL = {
    "createRoom": f"""mutation ($input: CreateRoomInput!) {{
        createRoom(input: $input) {{ {ROOM} }} }}""",
    "joinRoom": f"mutation ($input: JoinRoomInput!) {{ joinRoom(input: $input) {{ {ROOM} }} }}",
    "vote": f"""mutation ($input: VoteInput!) {{ vote(input: $input) {{ success match {{ {MATCH} }}
        vote {{ roomId userMovieId userId movieId vote timestamp }} }} }}""",
    "getMyRooms": f"{{ getMyRooms {{ {ROOM} }} }}",
    "getMyMatches": f"{{ getMyMatches {{ {MATCH} }} }}",
    "getRoomByCode": f"query ($code: String!) {{ getRoomByCode(code: $code) {{ {ROOM} }} }}",
    "userMatch": """subscription ($userId: ID!) { userMatch(userId: $userId) {
        userId roomId matchId movieId movieTitle posterPath matchedUsers timestamp } }""",
}
OF_ITS_LATER_APP = {
    "joinRoom": f"mutation ($code: String!) {{ joinRoom(code: $code) {{ {ROOM} }} }}",
    "getMyMatches": f"{{ getMyMatches {{ id {MATCH} }} }}",
    "vote": "mutation ($input: VoteInput!) { vote(input: $input) { success match { id title } } }",
    "getRoom": f"query ($id: ID!) {{ getRoom(id: $id) {{ {ROOM} }} }}",
}


class Defaults(Visitor):
    """Collects the arguments and inputs' fields that have a default."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def enter_input_value_definition(self, node: InputValueDefinitionNode, *_: object) -> None:
        if node.default_value is not None:
            self.found.append(node.name.value)


def test_no_argument_has_a_default_for_appsync_ignores_them() -> None:
    defaults = Defaults()

    visit(parse(SCHEMA.read_text(encoding="utf-8")), defaults)

    assert defaults.found == []


@pytest.mark.parametrize("document", [*OF_THE_ORIGINAL.values(), *OF_ITS_LATER_APP.values()])
def test_documents_of_the_original_are_valid(document: str) -> None:
    assert validate(read_schema(SCHEMA), parse(document)) == []
