"""A browser without JavaScript: it keeps cookies, fills in the forms that pages hold, and follows nothing by itself."""

import re
from collections.abc import Mapping

import httpx2

PASSWORD = "correct horse battery staple"
QUESTION, ANSWER = "How long does delivery take?", "Delivery takes **2 days**."  # what acme's bot knows
_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
OURS = "from our own origin"


class Visit:
    """``get`` and ``post`` as a browser does them: a form's POST carries the page's Origin."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client
        self.origin = str(client.base_url).rstrip("/")

    @property
    def cookies(self) -> httpx2.Cookies:
        return self.client.cookies

    async def get(self, path: str, **headers: str) -> httpx2.Response:
        return await self.client.get(path, headers=headers)

    async def post(
        self, path: str, fields: Mapping[str, str], *, origin: str | None = OURS, **headers: str
    ) -> httpx2.Response:
        if origin is not None:
            headers["origin"] = self.origin if origin == OURS else origin
        return await self.client.post(path, data=dict(fields), headers=headers)

    async def fields(self, path: str) -> dict[str, str]:
        """The hidden fields of the form at ``path``."""
        return dict(_FIELD.findall((await self.get(path)).text))

    async def sign_in(
        self, email: str, password: str = PASSWORD, *, after: str = "/dashboard", **headers: str
    ) -> httpx2.Response:
        hidden = await self.fields("/auth/sign-in")
        filled = hidden | {"email": email, "password": password, "next": after}
        return await self.post("/auth/sign-in", filled, **headers)

    async def sign_out(self) -> httpx2.Response:
        return await self.post("/auth/sign-out", await self.fields("/auth/sign-out"))
