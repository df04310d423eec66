"""Who of the listeners gets what of a mutation, as on AWS."""

import pytest

from tests.unit.tools.appsync.harness import HOST, Endpoint, RealtimeClient


async def listen(endpoint: Endpoint, client: RealtimeClient, query: str, user: str = "ann") -> None:
    """Start a user's subscription, which must be acknowledged; `$userId` is theirs."""
    authorization = {"host": HOST, "Authorization": endpoint.pool.token(user)}
    answer = await client.start(query, authorization, userId=user)
    assert answer["type"] == "start_ack"


async def test_a_subscriber_gets_their_own_selection(endpoint: Endpoint) -> None:
    query = 'subscription { renamed: news(userId: "ann") { film: title __typename kind } }'
    async with endpoint.realtime() as client:
        await listen(endpoint, client, query)

        await endpoint.tell("ann", "userId roomId title kind")

        assert (await client.receive())["payload"] == {
            "data": {"renamed": {"film": "Alien", "__typename": "News", "kind": "MOVIE"}}
        }


async def test_a_field_that_the_mutation_left_out_is_null(endpoint: Endpoint) -> None:
    async with endpoint.realtime() as client:
        await listen(
            endpoint, client, 'subscription { news(userId: "ann") { userId title poster kind } }'
        )

        await endpoint.tell("ann", "userId title", poster="/a.jpg")

        assert (await client.receive())["payload"] == {
            "data": {"news": {"userId": "ann", "title": "Alien", "poster": None, "kind": None}}
        }


async def test_leaving_out_what_cannot_be_null_breaks_the_delivery(endpoint: Endpoint) -> None:
    async with endpoint.realtime() as client:
        await listen(endpoint, client, 'subscription { news(userId: "ann") { title roomId } }')

        await endpoint.tell("ann", "userId title")

        assert (await client.receive())["payload"] == {
            "data": {"news": None},
            "errors": [
                {
                    "path": ["news", "roomId"],
                    "locations": None,
                    "message": "Cannot return null for non-nullable type: 'ID' "
                    "within parent 'News' (/news/roomId)",
                }
            ],
        }


async def test_aliases_of_the_mutation_do_not_matter(endpoint: Endpoint) -> None:
    async with endpoint.realtime() as client:
        await listen(endpoint, client, 'subscription { news(userId: "ann") { userId title } }')

        await endpoint.post_signed(
            """mutation { out: tell(userId: "ann") { who: userId ...rest } }
            fragment rest on News { film: title }"""
        )

        assert (await client.receive())["payload"] == {
            "data": {"news": {"userId": "ann", "title": "Alien"}}
        }


async def test_json_is_delivered_as_it_was_published(endpoint: Endpoint) -> None:
    async with endpoint.realtime() as client:
        await listen(endpoint, client, 'subscription { news(userId: "ann") { facts } }')

        await endpoint.tell("ann", "userId facts")

        assert (await client.receive())["payload"] == {"data": {"news": {"facts": '{"score": 1}'}}}


@pytest.mark.parametrize(
    ("arguments", "delivered"),
    [
        ("", True),
        ('(userId: "ann")', True),
        ('(userId: "bob")', False),
        ("(kind: MOVIE)", True),
        ("(kind: TV)", False),
        ('(userId: "ann", kind: TV)', False),
        ('(userId: "ann", kind: MOVIE)', True),
        ("(userId: null)", False),
    ],
)
async def test_arguments_filter_on_the_fields_of_their_names(
    endpoint: Endpoint, arguments: str, delivered: bool
) -> None:
    async with endpoint.realtime() as client:
        await listen(endpoint, client, f"subscription {{ allNews{arguments} {{ title }} }}")

        await endpoint.tell("ann", "userId title kind")

        if delivered:
            assert (await client.receive())["type"] == "data"
        assert await client.hears_nothing()


async def test_an_argument_of_an_unselected_field_matches_nothing(
    endpoint: Endpoint,
) -> None:
    async with endpoint.realtime() as client:
        await listen(endpoint, client, "subscription { allNews(kind: MOVIE) { title } }")

        await endpoint.tell("ann", "userId title")

        assert await client.hears_nothing()


async def test_a_variable_that_was_not_given_does_not_filter(endpoint: Endpoint) -> None:
    query = "subscription A($absent: ID) { allNews(userId: $absent) { userId } }"
    async with endpoint.realtime() as client:
        await listen(endpoint, client, query)

        await endpoint.tell("ann")

        assert (await client.receive())["payload"]["data"] == {"allNews": {"userId": "ann"}}


async def test_each_subscription_of_a_user_is_notified_once(endpoint: Endpoint) -> None:
    query = "subscription N($userId: ID!) { news(userId: $userId) { userId } }"
    async with (
        endpoint.realtime() as phone,
        endpoint.realtime() as tablet,
        endpoint.realtime(endpoint.pool.token("bob")) as other,
    ):
        await listen(endpoint, phone, query)
        await listen(endpoint, tablet, query)
        await listen(endpoint, other, query, "bob")

        await endpoint.tell("ann")

        for device in (phone, tablet):
            assert (await device.receive())["payload"]["data"] == {"news": {"userId": "ann"}}
            assert await device.hears_nothing()
        assert await other.hears_nothing()


async def test_a_mutation_that_was_refused_or_failed_publishes_nothing(endpoint: Endpoint) -> None:
    async with endpoint.realtime() as client:
        await listen(endpoint, client, "subscription { allNews { title } }")

        await endpoint.ask('mutation { tell(userId: "ann") { userId title } }')
        error = {"message": "No.", "type": "Refused"}
        endpoint.functions.answers["tell"] = lambda _: {"error": error}
        await endpoint.post_signed('mutation { tell(userId: "ann") { userId title } }')

        assert await client.hears_nothing()


async def test_each_mutation_of_a_request_publishes(endpoint: Endpoint) -> None:
    async with endpoint.realtime() as client:
        await listen(endpoint, client, "subscription { allNews { userId } }")

        await endpoint.post_signed(
            'mutation { a: tell(userId: "ann") { userId } b: tell(userId: "bob") { userId } }'
        )

        received = [(await client.receive())["payload"]["data"]["allNews"] for _ in range(2)]
        assert received == [{"userId": "ann"}, {"userId": "bob"}]


async def test_a_query_publishes_nothing(endpoint: Endpoint) -> None:
    async with endpoint.realtime() as client:
        await listen(endpoint, client, "subscription { allNews { userId } }")

        await endpoint.ask("{ anyone }")

        assert await client.hears_nothing()
