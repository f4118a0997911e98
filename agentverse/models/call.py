"""One request on its way to a server, and its answer."""

from __future__ import annotations

import time
from collections.abc import Mapping

from agentverse.errors import ModelError, ModelUnavailable
from agentverse.models.endpoint import Endpoint
from agentverse.models.failures import NotThere, Unparsed, failure, from_error
from agentverse.models.protocol import Choice, Delta, Request
from agentverse.models.retry import AttemptFailed
from agentverse.models.wire import Completion, Garbled, ServerSaid, StreamReader, read_completion


class NotFound(ModelError):
    """Carries a 404 out of the retries; never reaches a user."""


class Call:
    """One request that may be sent several times, and to several servers, each time the same bytes.

    Attributes:
        where: the server that was asked last.
        seconds: what the attempt that succeeded took.
        first_token: seconds until its first piece; 0 when nothing was streamed and the server does not say.
    """

    def __init__(
        self, model: str, request: Request, data: bytes, headers: Mapping[str, str], *, streamed: bool = False
    ) -> None:
        self._model, self._request = model, request
        self._data, self._headers, self._streamed = data, headers, streamed
        self._shown = False
        self._begun = 0.0
        self.where = ""
        self.seconds = 0.0
        self.first_token = 0.0

    async def attempt(self, endpoint: Endpoint) -> Completion:
        """Raises AttemptFailed."""
        self.where = endpoint.where
        if self._shown and self._request.on_delta is not None:
            self._shown = False
            self._request.on_delta(Delta(self._request.key, restart=True))
        self._begun, self.first_token = time.monotonic(), 0.0
        try:
            completion = await self._receive(endpoint)
        except Unparsed as failed:
            if not failed.text.strip():
                raise
            completion = Completion((Choice(failed.text, finish="malformed"),), None, self._model)
        except NotThere as failed:
            raise AttemptFailed(NotFound(str(failed.error)), gone=True) from failed
        except Garbled as error:
            raise AttemptFailed(
                ModelUnavailable(f"{endpoint.where} answered with {error}", fix="Look at the server's log."),
                again=True,
            ) from error
        self.seconds = time.monotonic() - self._begun
        self.first_token = self.first_token or completion.first_token
        return completion

    async def _receive(self, endpoint: Endpoint) -> Completion:
        """Raises AttemptFailed, Garbled."""
        reader = StreamReader(self._show)
        try:
            if not self._streamed:
                return read_completion(await endpoint.post(self._data, self._headers, model=self._model))
            await endpoint.stream(self._data, self._headers, reader, model=self._model)
            return reader.finish()
        except ServerSaid as error:
            refusal = from_error(0, error.error, {})
            failed = endpoint.hide_key(failure(refusal, where=endpoint.where, model=self._model))
            if isinstance(failed, Unparsed):
                failed.text = failed.text or reader.text
            raise failed from error

    def _show(self, text: str, thinking: str) -> None:
        if not self.first_token:
            self.first_token = time.monotonic() - self._begun
        self._shown = True
        if self._request.on_delta is not None:
            self._request.on_delta(Delta(self._request.key, text, thinking))
