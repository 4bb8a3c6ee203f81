"""API keys: who may see private sources. They are a file beside the data, with a log of their use.

A key is 32 random bytes, so there is nothing to guess: a plain SHA-256 of it is as hard to reverse
as the key is to find, and a slow hash, which passwords need, would only cost each request time. A
browser gets a token that is derived from the key, which the file has as a hash, too: neither the
file nor the cookie gives away a key.
"""

import datetime
import hashlib
import hmac
import logging
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from paycite.files import locked, replace_file

FILE = "keys.json"
LOG = "keys.log"
_LOG = logging.getLogger("paycite")
PREFIX = "paycite_"  # so that a scan for leaked secrets finds one
# Asking the system about a file takes a tenth of the time of a finished answer.
_SECONDS_BETWEEN_LOOKS = 0.001
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class KeysError(Exception):
    """Why keys cannot be read or changed."""


class Key(Struct, frozen=True, kw_only=True):
    name: str
    added: datetime.date
    expires: datetime.date | None  # the last day it works, in UTC
    sources: tuple[str, ...] | None = None  # the private sources it shows; all if None
    key_sha256: str
    session_sha256: str  # of the token in the cookie of a browser

    @property
    def scope(self) -> frozenset[str] | None:
        return None if self.sources is None else frozenset(self.sources)

    def is_expired(self, today: datetime.date) -> bool:
        """Whether the key has expired on a day (UTC)."""
        return self.expires is not None and today > self.expires


class Keys:
    """The keys in a folder. Each lookup rereads the file if it changed, so that a key that is
    revoked fails with the next request."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._log = folder / LOG
        self._looked = 0.0
        self._today = datetime.date.min  # of the last look
        self._stamp: tuple[int, ...] = ()
        self._keys: tuple[Key, ...] = ()
        self._found: dict[tuple[str, str], Key] = {}  # by what was given, while it works
        self._used: set[str] = set()  # the names of those whose use this process logged today

    def all(self) -> tuple[Key, ...]:
        """KeysError or OSError if the file cannot be read."""
        now = time.monotonic()
        if now < self._looked + _SECONDS_BETWEEN_LOOKS and self._stamp:
            return self._keys
        self._looked = 0.0  # until the keys are read, so that none works if they cannot be
        if (day := today()) != self._today:
            self._today, self._found, self._used = day, {}, set()
        try:
            found = self._file.stat()
        except FileNotFoundError:
            self._stamp, self._keys, self._found = (), (), {}
            return ()
        stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
        if stamp != self._stamp:
            self._keys = self._decode(self._file.read_bytes())
            self._stamp, self._found = stamp, {}
        self._looked = now
        return self._keys

    def _decode(self, content: bytes) -> tuple[Key, ...]:
        try:
            return msgspec.json.decode(content, type=tuple[Key, ...])
        except ValueError as error:
            raise KeysError(
                f"{self._file} cannot be read: {error}. Restore it, or delete it and add keys."
            ) from None

    def exist(self) -> bool:
        """Whether there are keys, although they may be unreadable now."""
        return self._read() != ()

    def _read(self) -> tuple[Key, ...] | None:
        """All keys; None if the file cannot be read, which is logged."""
        try:
            return self.all()
        except (KeysError, OSError) as error:
            _LOG.error("cannot read the keys, so no key is accepted: %s", error)
            return None

    def scopes(self) -> set[frozenset[str]]:
        """The scopes that need a dataset of their own. KeysError or OSError as of `all`."""
        return {one.scope for one in self.all() if one.scope}

    def find(self, key: str) -> Key | None:
        """The key that is given in full; None for a wrong, a revoked or an expired one. Its use
        is logged."""
        return self._matching(key, "key_sha256")

    def find_session(self, token: str) -> Key | None:
        """The key that a token of `session` was derived from, likewise."""
        return self._matching(token, "session_sha256")

    def _matching(self, given: str, field: str) -> Key | None:
        if not (keys := self._read()):
            return None
        found = self._found.get((given, field))
        if found is None:
            digest = _hash(given)
            for one in keys:
                if hmac.compare_digest(getattr(one, field), digest):
                    found = one
            if not found or found.is_expired(self._today):
                return None
            self._found[given, field] = found
            self._note_use(found.name)
        return found

    def add(
        self,
        name: str,
        expires: datetime.date | None = None,
        sources: tuple[str, ...] | None = None,
    ) -> str:
        """Add a key and return it; nothing keeps it. It shows `sources`, or all if None."""
        if not _NAME.fullmatch(name):
            raise KeysError(
                f"Invalid name {name!r}: expected up to 64 of a-z, 0-9 and hyphens, "
                "such as acme-recruiting."
            )
        if expires and expires < today():
            raise KeysError(f"The key would have expired already: {expires} is past.")
        key = PREFIX + secrets.token_urlsafe(32)
        with self._sole_writer() as keys:
            if any(one.name == name for one in keys):
                raise KeysError(
                    f"A key is named {name} already. Revoke it, or choose another name."
                )
            added = Key(
                name=name,
                added=today(),
                expires=expires,
                sources=sources,
                key_sha256=_hash(key),
                session_sha256=_hash(session(key)),
            )
            self._write((*keys, added))
        self.note("added", name)
        return key

    def revoke(self, name: str) -> None:
        with self._sole_writer() as keys:
            if all(one.name != name for one in keys):
                named = ", ".join(one.name for one in keys) or "there are none"
                raise KeysError(f"No key is named {name!r}. Keys: {named}.")
            self._write(tuple(one for one in keys if one.name != name))
        self.note("revoked", name)

    def note(self, what: str, name: str) -> None:
        """Append a line to the log: when, what, and the name of a key, never the key."""
        line = {"when": _now().isoformat(timespec="seconds"), "what": what, "key": name}
        opened = os.open(self._log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with open(opened, "ab") as log:  # noqa: PTH123
            log.write(msgspec.json.encode(line) + b"\n")

    def note_sign_in(self, name: str) -> None:
        self._note_if_possible("signed in", name)

    def _note_use(self, name: str) -> None:
        """Append a line unless this process did so today: a log of every request would fill a
        disk."""
        if name not in self._used:
            self._used.add(name)
            self._note_if_possible("used", name)

    def _note_if_possible(self, what: str, name: str) -> None:
        """A full disk must not stop the answers."""
        try:
            self.note(what, name)
        except OSError as error:
            _LOG.error("cannot write the log of keys: %s", error)

    @contextmanager
    def _sole_writer(self) -> Iterator[tuple[Key, ...]]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with locked(self._file.with_suffix(".lock")):
            self._looked = 0.0
            yield self.all()

    def _write(self, keys: tuple[Key, ...]) -> None:
        content = msgspec.json.format(msgspec.json.encode(keys)) + b"\n"
        replace_file(self._file, content, mode=0o600)
        self._looked = 0.0


def session(key: str) -> str:
    """The token of a browser that signed in with a key; it is no key itself."""
    return hmac.digest(key.encode(errors="replace"), b"paycite session", "sha256").hex()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def today() -> datetime.date:
    """In UTC, as the last day of a key."""
    return _now().date()


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
