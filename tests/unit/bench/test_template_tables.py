"""The tables of all stacks, as the ledger has to know them."""

from bench.emulated_tables import shapes
from bench.ledger import Index, Shape
from bench.rooms_service import TABLES
from tools.templates import load_product


def test_the_service_s_tables_exist_with_keys_and_indexes() -> None:
    found = shapes(load_product())
    assert set(TABLES.values()) <= set(found)
    closing = frozenset({"id", "closingShard", "expiresAt"})
    assert found["RoomsTable"] == Shape(("id",), (Index(("closingShard", "expiresAt"), closing),))
    assert found["VotesTable"] == Shape(
        ("roomId", "userMovieId"),
        (Index(("memberId", "roomId"), frozenset({"memberId", "roomId", "userMovieId"})),),
    )


def test_an_item_without_the_keys_of_an_index_has_no_entry_in_it() -> None:
    index = Index(("memberId",), frozenset({"memberId"}))
    assert index.entry({"roomId": {"S": "r"}}) is None
    assert index.entry(None) is None
    assert index.entry({"memberId": {"S": "ada"}, "x": {"S": "y"}}) == {"memberId": {"S": "ada"}}


def test_an_index_of_everything_holds_the_whole_item() -> None:
    item = {"memberId": {"S": "ada"}, "x": {"S": "y"}}
    assert Index(("memberId",)).entry(item) == item
