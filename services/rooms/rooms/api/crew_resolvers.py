"""The resolvers of crews, and of invitations to their rooms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from matinee.graphql import Call
from rooms.api.crew_schemas import (
    CreateCrewArguments,
    CrewArguments,
    CrewPageArguments,
    InvitationPageArguments,
    PublishUserInvitationInput,
    crew_page,
    crew_type,
    invitation_type,
    user_invitation_event,
)
from rooms.api.use_cases import UseCases
from rooms.domain.crew import Crew
from rooms.domain.rate_limits import INVITE


def create_crew(use_cases: UseCases, call: Call) -> object:
    """Make a crew of the people of a room."""
    user_id, given = call.caller.user_id, call.read(CreateCrewArguments)
    use_cases.crews.limiter.check(INVITE, user_id, call.source)
    crew = use_cases.crews.create(user_id, given.room_id, given.name, call.trace.correlation_id)
    return _shown(use_cases, call, [crew])[0]


def leave_crew(use_cases: UseCases, call: Call) -> object:
    """Remove the caller from a crew."""
    crew = use_cases.crews.leave(call.caller.user_id, call.read(CrewArguments).crew_id)
    return _shown(use_cases, call, [crew])[0]


def my_crews(use_cases: UseCases, call: Call) -> object:
    """List the crews that the caller is in."""
    page = call.read(CrewPageArguments)
    found = use_cases.crews.queries.list_by_user(call.caller.user_id, page.limit, page.next_token)
    return crew_page(_shown(use_cases, call, found, "items/"), page.limit)


def get_my_invitations(use_cases: UseCases, call: Call) -> object:
    """List the caller's invitations."""
    page = call.read(InvitationPageArguments)
    found = use_cases.crews.queries.list_invitations(call.caller.user_id, page.limit, page.after)
    return [invitation_type(invitation) for invitation in found]


def publish_user_invitation(use_cases: UseCases, call: Call) -> object:
    """Return what a user's subscriptions receive of an invitation; for the notifier alone."""
    call.require_service()
    given = call.read(PublishUserInvitationInput, call.arguments.get("input"))
    invitation = use_cases.crews.queries.get_invitation(given.user_id, given.room_id)
    return user_invitation_event(invitation, given.user_id)


def _shown(
    use_cases: UseCases, call: Call, crews: Sequence[Crew], below: str = ""
) -> list[dict[str, Any]]:
    """Return crews with their people's names, which are asked for only if they are selected."""
    wanted = call.selects(f"{below}people/name") or call.selects(f"{below}people/avatar")
    user_ids = {user_id for crew in crews for user_id in crew.members} if wanted else set()
    names = use_cases.names.find(user_ids, call.trace.correlation_id) if user_ids else {}
    return [crew_type(crew, names) for crew in crews]


CREW_RESOLVERS: Mapping[str, Callable[[UseCases, Call], object]] = {
    "Mutation.createCrew": create_crew,
    "Mutation.leaveCrew": leave_crew,
    "Mutation.publishUserInvitation": publish_user_invitation,
    "Query.getMyInvitations": get_my_invitations,
    "Query.myCrews": my_crews,
}
