"""`DELETE /v1/jisr/conversations/NAME`: a client ends a conversation; its vault goes with it."""

from __future__ import annotations

import re

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from jisr.errors import JisrError
from jisr.runtime import Runtime
from jisr.server import wire_answer
from jisr.server.clients import NAME, client_of, conversation_of
from jisr.server.failures import failure, status_of


def conversation_routes(runtime: Runtime) -> list[Route]:
    """Return what is served of conversations; a client reaches its own alone."""

    async def delete(request: HttpRequest) -> Response:
        name = request.path_params["name"]
        if not re.fullmatch(NAME, name):
            message = "A conversation's name has 1 to 64 of the signs A-Z a-z 0-9 . _ -"
            said = wire_answer.error(message, "invalid_request_error", "invalid_request", "name")
            return JSONResponse(said, 400)
        user = request.query_params.get("user")
        known = conversation_of(client_of(request.scope), user, name)
        assert known is not None, "it was named"
        try:
            is_deleted = await runtime.forget(known)
        except JisrError as error:
            return JSONResponse(failure(error), status_of(error))
        return JSONResponse({"id": name, "object": "jisr.conversation", "deleted": is_deleted})

    return [Route("/v1/jisr/conversations/{name}", delete, methods=["DELETE"])]
