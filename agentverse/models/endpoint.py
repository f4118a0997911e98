"""One client and one gate for each server and event loop, shared by all that talk to it."""

from __future__ import annotations

import asyncio
import weakref
from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit, urlunsplit

import aiohttp
import httpx2
import openai
from openai import AsyncOpenAI, DefaultAioHttpClient, Omit

from agentverse.errors import ModelDenied, ModelUnavailable, SettingsError
from agentverse.models.failures import NotThere, failure, read_refusal
from agentverse.models.gate import Gate
from agentverse.models.places import is_loopback
from agentverse.models.retry import AttemptFailed
from agentverse.models.wire import StreamReader

POOL = 512
"""Connections to one server, all of them kept alive."""
CONNECT_SECONDS = 10.0
# Shorter than the 5 s of uvicorn, so that a connection is not used at the moment the server closes it.
KEEP_ALIVE_SECONDS = 4.0

HEALTH_SECONDS = 5.0
"""Time a server is given to say that it is there."""
REST_SECONDS, LONGEST_REST = 1.0, 30.0
"""Before a server that fell is looked at again."""

_open: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str, str], Endpoint]]
_open = weakref.WeakKeyDictionary()


def base_url(text: str) -> str:
    """The address of the API: ``/v1`` is added to a bare host, and what a copied path has too much is cut off.

    Raises:
        SettingsError: it is no HTTP address.
    """
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(
            f"{shown(text)!r} is no address of a model server", fix="Write one such as http://127.0.0.1:8000/v1."
        )
    path = parts.path.rstrip("/").removesuffix("/chat/completions")
    return urlunsplit((parts.scheme, parts.netloc, path or "/v1", parts.query, ""))


def shown(url: str) -> str:
    """An address without what may be secret in it."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


class Endpoint:
    """A server as one process sees it. Made by `join`, given back by `leave`."""

    def __init__(self, url: str, key: str, in_flight: int) -> None:
        self.url, self.where = url, shown(url)
        self.bare, login = _without_login(url)
        """The address without a user and password."""
        self.gate = Gate(in_flight, POOL)
        self.users = 0
        self.loop = asyncio.get_running_loop()
        self.down = False
        """It failed, and has not been seen to answer since."""
        self._rest = REST_SECONDS
        self._rests_until = 0.0
        self._key = key
        self._login: dict[str, str | Omit] = {} if key else {"Authorization": login or Omit()}
        self._http = DefaultAioHttpClient(
            limits=httpx2.Limits(
                max_connections=POOL, max_keepalive_connections=POOL, keepalive_expiry=KEEP_ALIVE_SECONDS
            ),
            timeout=httpx2.Timeout(None, connect=CONNECT_SECONDS),
            trust_env=not is_loopback(url),
        )
        self._client = AsyncOpenAI(
            base_url=self.bare, api_key=key, max_retries=0, http_client=self._http, _enforce_credentials=False
        )
        self._headers = self._usual_headers()
        self._addresses: dict[str, httpx2.URL] = {}

    @classmethod
    def join(cls, url: str, key: str, in_flight: int) -> Endpoint:
        """The endpoint of this event loop for ``url`` and ``key``."""
        here = _open.setdefault(asyncio.get_running_loop(), {})
        endpoint = here.get((url, key))
        if endpoint is None:
            endpoint = here[url, key] = cls(url, key, in_flight)
        endpoint.users += 1
        return endpoint

    def beside(self, path: str) -> str:
        """The address of what the server offers beside the API."""
        return f"{self.bare.removesuffix('/v1')}/{path}"

    async def leave(self) -> None:
        self.users -= 1
        if self.users == 0:
            _open.get(self.loop, {}).pop((self.url, self._key), None)
            await self._client.close()

    async def post(
        self, body: bytes, headers: Mapping[str, str], *, model: str, path: str = "/chat/completions"
    ) -> bytes:
        """Ask and return the whole answer.

        Args:
            path: relative to the API, or a whole address.

        Raises:
            AttemptFailed.
        """
        response = await self._send(path, body, headers, model=model, stream=False)
        return response.content

    async def stream(self, body: bytes, headers: Mapping[str, str], reader: StreamReader, *, model: str) -> None:
        """Ask for a streamed reply and feed it to ``reader`` as it arrives.

        Raises:
            AttemptFailed, Garbled, ServerSaid.
        """
        response = await self._send("/chat/completions", body, headers, model=model, stream=True)
        try:
            async for data in response.aiter_bytes():
                reader.feed(data)
        except httpx2.RequestError as error:
            raise self._broken(error) from error
        finally:
            await response.aclose()

    async def get(self, url: str, *, seconds: float = CONNECT_SECONDS) -> bytes:
        """Fetch an address of the server: relative to the API, or absolute.

        Raises:
            AttemptFailed.
        """
        try:
            async with asyncio.timeout(seconds):
                response = await self._client.get(url, cast_to=httpx2.Response, options={"headers": self._login})
                return response.content
        except TimeoutError:
            raise AttemptFailed(
                ModelUnavailable(
                    f"{self.where} did not answer within {seconds:.3g} s",
                    fix="See whether the server is up, and whether the address is right.",
                )
            ) from None
        except openai.APIStatusError as error:
            raise self._refused(error.response, "") from error
        except (openai.APIConnectionError, aiohttp.ClientError) as error:
            raise self._broken(error) from error

    async def answers(self) -> bool:
        """Whether the server is there: it says so, or at least answers."""
        for address in (self.beside("health"), "/models"):
            try:
                await self.get(address, seconds=HEALTH_SECONDS)
            except NotThere:
                continue
            except AttemptFailed as failed:
                return isinstance(failed.error, ModelDenied)
            return True
        return False

    def fell(self) -> None:
        """Note that a call found nobody there."""
        if not self.down:
            self.down, self._rest = True, REST_SECONDS
        self._rests_until = self.loop.time() + self._rest
        self._rest = min(self._rest * 2, LONGEST_REST)

    async def is_up(self) -> bool:
        """Whether it may be asked. One that fell is looked at again after a rest that grows each time, by one caller;
        the others go elsewhere meanwhile.
        """
        if not self.down:
            return True
        if self.loop.time() < self._rests_until:
            return False
        self._rests_until = self.loop.time() + HEALTH_SECONDS * 2
        if await self.answers():
            self.down = False
            return True
        self.fell()
        return False

    async def _send(
        self, path: str, body: bytes, headers: Mapping[str, str], *, model: str, stream: bool
    ) -> httpx2.Response:
        # By the SDK's own client, with its headers, but past its way of making a request: that is half of the time that
        # a call takes here, most of it for parsing the same address and the same headers again.
        request = httpx2.Request(
            "POST",
            self._address(path),
            headers={**self._headers, **headers},
            content=body,
            extensions={"timeout": self._http.timeout.as_dict()},
        )
        try:
            answer = await self._http.send(request, stream=stream)
            if answer.is_error:
                await answer.aread()
                raise self._refused(answer, model)
        except (httpx2.RequestError, aiohttp.ClientError, OSError) as error:
            raise self._broken(error) from error
        return answer

    def _usual_headers(self) -> dict[str, str]:
        """What the SDK sends with each request, and the login of the address."""
        said = {**self._http.headers, **self._client.auth_headers, **self._client.default_headers, **self._login}
        named = {name.lower(): value for name, value in said.items()}
        return {name: value for name, value in named.items() if not isinstance(value, Omit)}

    def _address(self, path: str) -> httpx2.URL:
        if path not in self._addresses:
            api = httpx2.URL(self.bare)
            below = api.copy_with(path=f"{api.path.rstrip('/')}/{path.lstrip('/')}")
            self._addresses[path] = httpx2.URL(path) if "://" in path else below
        return self._addresses[path]

    def _refused(self, response: httpx2.Response, model: str) -> AttemptFailed:
        return self.hide_key(
            failure(
                read_refusal(response.status_code, response.content, response.headers), where=self.where, model=model
            )
        )

    def hide_key(self, failed: AttemptFailed) -> AttemptFailed:
        """Servers like to quote the key they refuse."""
        if len(self._key) >= 4 and self._key in str(failed.error):
            failed.error.args = (str(failed.error).replace(self._key, "***"),)
        return failed

    def _broken(self, error: Exception) -> AttemptFailed:
        # The SDK's aiohttp transport calls every lost connection a timeout; only the original error tells them apart.
        cause = _root(error)
        if isinstance(cause, aiohttp.ClientConnectorError):
            what, fix = (
                f"nothing answers at {self.where} ({cause.strerror or cause})",
                "Start the server, or correct its address.",
            )
        elif isinstance(cause, TimeoutError | httpx2.TimeoutException) and not isinstance(cause, aiohttp.ClientOSError):
            what, fix = f"{self.where} did not answer in time", "Look at the server's load."
        else:
            what, fix = f"{self.where} broke off the connection", "Look at the server's log."
        return AttemptFailed(ModelUnavailable(what, fix=fix), again=True, gone=True)


def _without_login(url: str) -> tuple[str, str]:
    """An address and the ``Authorization`` that the user and password in it stand for, or ""."""
    parts = urlsplit(url)
    login, _, host = parts.netloc.rpartition("@")
    if not login:
        return url, ""
    return urlunsplit(parts._replace(netloc=host)), f"Basic {b64encode(unquote(login).encode()).decode()}"


def _root(error: BaseException) -> BaseException:
    """The error that the transport itself raised."""
    at: BaseException | None = error
    last = error
    while at is not None:
        last = at
        if isinstance(at, aiohttp.ClientError):
            return at
        at = at.__cause__
    return last
