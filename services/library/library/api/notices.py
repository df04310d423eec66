"""The routes of notices: a user's inbox."""

from aws_lambda_powertools.event_handler import Response

from library.api.cursors import decode_notice, encode_notice
from library.api.notice_schemas import NoticePage, NoticeQuery, NoticeResponse, ReadUntil
from library.api.routes import LIST_NOTICES, READ_NOTICES
from library.use_cases.read_notices import ReadNotices
from matinee.http.api import HttpApi, json_response, no_content
from matinee.principal import Identify


def register(api: HttpApi, notices: ReadNotices, identify: Identify) -> None:
    """Register the routes."""

    def caller() -> str:
        return identify(api.routes.current_event.raw_event).user_id

    @api.routes.get(LIST_NOTICES.path)
    def page() -> Response[str]:
        user_id = caller()
        query = api.read_query(NoticeQuery)
        found, after = notices.list(user_id, query.limit, decode_notice(user_id, query.cursor))
        body = NoticePage(
            items=[NoticeResponse.of(notice) for notice in found],
            next_cursor=encode_notice(user_id, after),
        )
        return json_response(body.model_dump(mode="json", by_alias=True, exclude_none=True))

    @api.routes.put(READ_NOTICES.path)
    def mark_read() -> Response[str]:
        user_id = caller()
        notices.mark(user_id, api.read_body(ReadUntil).until)
        return no_content()
