"""The sample events that must be refused, and with which error. All others must be accepted.

`contracts check` holds both kinds to it: a good sample that is refused is a fault, and so is a bad
one that is accepted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a bad sample is refused.

    `error` is the code that the caller, or the dead-letter queue, receives. `by` its input: in any
    state of the tables; by the state: the input is valid, but there is no such room, for example.
    """

    error: str
    by: Literal["input", "state"] = "input"


REFUSES_NOTHING = frozenset({"PreSignUpFunction", "RoomCloserFunction", "WatchedRefresherFunction"})
"""Functions without a bad sample: anybody may sign up, and to refuse is a function's error; and a
schedule says nothing that could be refused."""

REFUSALS: Mapping[str, Refusal] = {
    "auth/AccountFunction.http.not-signed-in.json": Refusal("Unauthorized", by="state"),
    "auth/AuthRelayFunction.stream.broken-contract.json": Refusal("ContractViolation"),
    "auth/CreateGuestFunction.invoke.invisible-name.json": Refusal("InvalidInput"),
    "auth/ExportAccountFunction.invoke.without-user.json": Refusal("InvalidInput"),
    "auth/InboundFederationFunction.cognito.nobody.json": Refusal("InvalidInput"),
    "auth/NamesFunction.invoke.nobody.json": Refusal("InvalidInput"),
    "auth/PasswordFunction.http.reset-without-code.json": Refusal("InvalidInput"),
    "auth/ProfileFunction.http.avatar-by-address.json": Refusal("InvalidInput"),
    "auth/PostAuthenticationFunction.cognito.nobody.json": Refusal("InvalidInput"),
    "auth/PostConfirmationFunction.cognito.nobody.json": Refusal("InvalidInput"),
    "auth/SessionFunction.http.no-refresh-token.json": Refusal("InvalidInput"),
    "auth/SigninFunction.http.missing-password.json": Refusal("InvalidInput"),
    "auth/SignupFunction.http.bad-email.json": Refusal("InvalidInput"),
    "auth/StatusFunction.http.unknown-path.json": Refusal("RouteNotFound"),
    "auth/UpgradeGuestFunction.http.without-password.json": Refusal("InvalidInput"),
    "auth/UsernamesFunction.http.check-too-short.json": Refusal("InvalidInput"),
    "catalog/CardsFunction.invoke.no-titles.json": Refusal("InvalidInput"),
    "catalog/CatalogRelayFunction.stream.broken-contract.json": Refusal("ContractViolation"),
    "catalog/DiscoverFunction.invoke.unknown-genre.json": Refusal("InvalidInput"),
    "catalog/DiscoverFunction.invoke.bad-certification-of-series.json": Refusal("InvalidInput"),
    "catalog/MediaFunction.http.list-bad-cursor.json": Refusal("InvalidInput", by="state"),
    "catalog/MediaFunction.http.list-bad-limit.json": Refusal("InvalidInput"),
    "catalog/MediaFunction.http.search-bad-nothing.json": Refusal("InvalidInput"),
    "catalog/MediaFunction.http.title-bad-country.json": Refusal("InvalidInput"),
    "catalog/MediaFunction.http.title-bad-type.json": Refusal("InvalidInput"),
    "catalog/RefreshPlannerFunction.http.no-such-scope.json": Refusal("InvalidInput"),
    "catalog/RefreshPlannerFunction.http.not-an-operator.json": Refusal("Forbidden", by="state"),
    "catalog/RefreshWorkerFunction.sqs.page-zero.json": Refusal("ContractViolation"),
    "catalog/ResolveFunction.invoke.id-without-type.json": Refusal("InvalidInput"),
    "catalog/WatchedTitlesFunction.sqs.title-zero.json": Refusal("ContractViolation"),
    "library/FavouritesFunction.http.add-misspelt-field.json": Refusal("InvalidInput"),
    "library/FavouritesFunction.http.add-without-id.json": Refusal("InvalidInput"),
    "library/ImportWorkerFunction.sqs.part-below-zero.json": Refusal("ContractViolation"),
    "library/ImportsFunction.http.complete-row-without-id.json": Refusal("InvalidInput"),
    "library/ImportsFunction.http.receive-unknown-list.json": Refusal("InvalidInput"),
    "library/LibraryEraserFunction.sqs.no-user-id.json": Refusal("ContractViolation"),
    "library/LibraryRelayFunction.stream.broken-contract.json": Refusal("ContractViolation"),
    "library/LibraryTitleProjectorFunction.sqs.not-json.json": Refusal("ContractViolation"),
    "library/LibraryTransferFunction.http.export-letterboxd-of-no-such-list.json": Refusal(
        "InvalidInput"
    ),
    "library/LibraryTransferFunction.http.import-lists-of-text.json": Refusal("InvalidInput"),
    "library/ListKeeperFunction.sqs.match-of-nobody.json": Refusal("ContractViolation"),
    "library/WatchlistMatcherFunction.sqs.without-countries.json": Refusal("ContractViolation"),
    "library/PreferencesFunction.http.not-signed-in.json": Refusal("Unauthorized", by="state"),
    "library/PreferencesFunction.http.save-rating-no-number.json": Refusal("InvalidInput"),
    "library/PreferencesFunction.http.save-misspelt-question.json": Refusal("InvalidInput"),
    "library/ShelvesFunction.http.put-seen-rating-eleven.json": Refusal("InvalidInput"),
    "library/WatchlistFunction.http.remove-unknown-type.json": Refusal("InvalidInput"),
    "recommender/GroupDeckFunction.invoke.provider-without-country.json": Refusal("InvalidInput"),
    "recommender/OwnScoresFunction.invoke.nobody.json": Refusal("InvalidInput"),
    "recommender/RecommendationsFunction.http.limit-too-high.json": Refusal("InvalidInput"),
    "recommender/RecommendationsFunction.http.not-signed-in.json": Refusal(
        "Unauthorized", by="state"
    ),
    "recommender/RecommendationsFunction.http.unknown-media-type.json": Refusal("InvalidInput"),
    "recommender/RecommenderRelayFunction.stream.broken-contract.json": Refusal(
        "ContractViolation"
    ),
    "recommender/SwipeProjectorFunction.sqs.version-zero.json": Refusal("ContractViolation"),
    "recommender/TasteEraserFunction.sqs.no-user-id.json": Refusal("ContractViolation"),
    "recommender/TasteProjectorFunction.sqs.unknown-media-type.json": Refusal("ContractViolation"),
    "recommender/TitleProjectorFunction.sqs.not-json.json": Refusal("ContractViolation"),
    "recommender/TrainerFunction.invoke.anew-perhaps.json": Refusal("InvalidInput"),
    "rooms/DevicesFunction.http.save-private-endpoint.json": Refusal("InvalidInput", by="state"),
    "rooms/DevicesFunction.http.save-unknown-time-zone.json": Refusal("InvalidInput"),
    "rooms/EraserFunction.sqs.no-user-id.json": Refusal("ContractViolation"),
    "rooms/FeedWriterFunction.sqs.no-room.json": Refusal("ContractViolation"),
    "rooms/GuestsFunction.http.invisible-name.json": Refusal("InvalidInput"),
    "rooms/MatchDetectorFunction.sqs.not-json.json": Refusal("ContractViolation"),
    "rooms/NotifierFunction.sqs.wrong-contract.json": Refusal("ContractViolation"),
    "rooms/PushSenderFunction.sqs.wrong-contract.json": Refusal("ContractViolation"),
    "rooms/RoomsApiFunction.appsync.close-room-as-a-guest.json": Refusal("NotTheHost", by="state"),
    "rooms/RoomsApiFunction.appsync.create-crew-without-a-name.json": Refusal("InvalidInput"),
    "rooms/RoomsApiFunction.appsync.start-room-of-no-crew.json": Refusal(
        "CrewNotFound", by="state"
    ),
    "rooms/RoomsApiFunction.appsync.extend-room-beyond-a-week.json": Refusal("InvalidInput"),
    "rooms/RoomsApiFunction.appsync.decide-as-a-guest.json": Refusal("NotTheHost", by="state"),
    "rooms/RoomsApiFunction.appsync.media-type-said-twice.json": Refusal("InvalidInput"),
    "rooms/RoomsApiFunction.appsync.no-vote.json": Refusal("InvalidInput"),
    "rooms/RoomsApiFunction.appsync.not-signed-in.json": Refusal("Unauthorized"),
    "rooms/RoomsApiFunction.appsync.propose-no-candidate.json": Refusal(
        "NotACandidate", by="state"
    ),
    "rooms/RoomsApiFunction.appsync.publish-unknown-entry.json": Refusal(
        "FeedEntryNotFound", by="state"
    ),
    "rooms/RoomsApiFunction.appsync.room-feed-after-minus-one.json": Refusal("InvalidInput"),
    "rooms/RoomsApiFunction.appsync.rule-without-its-number.json": Refusal("InvalidInput"),
    "rooms/RoomsApiFunction.appsync.deck-of-no-country.json": Refusal("InvalidInput"),
    "rooms/RoomsApiFunction.appsync.genre-twice.json": Refusal("InvalidInput"),
    "rooms/RoomsApiFunction.appsync.providers-without-country.json": Refusal("InvalidInput"),
    "rooms/RoomsApiFunction.appsync.unknown-match.json": Refusal("MatchNotFound", by="state"),
    "rooms/RoomsApiFunction.appsync.unknown-room.json": Refusal("RoomNotFound", by="state"),
    "rooms/RoomsApiFunction.appsync.preview-impossible-code.json": Refusal("InvalidInput"),
    "rooms/RoomsApiFunction.appsync.user-publishes.json": Refusal("Forbidden"),
    "rooms/RoomsExportFunction.invoke.unknown-cursor.json": Refusal("InvalidInput"),
    "rooms/RoomsRelayFunction.stream.broken-contract.json": Refusal("ContractViolation"),
}
