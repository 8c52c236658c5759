"""Lists of words that take long to make, kept in the user's cache and read from there.

What is covered: a file that is broken, of another version of a library or of this package, of
another user, or that others may write to, is made again; no file is ever half written; where
none can be kept, the list is made anew each time.

What is not covered: whoever may write as this user may change the file, as he may change the
program. Nothing private is in it.
"""

from __future__ import annotations

import hashlib
import logging
import os
import stat
import sys
from array import array
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import platformdirs

from jisr.private_files import OTHERS, make_folder, write_whole

LOG = logging.getLogger(__name__)

Words = Mapping[str, int]
"""Words, each with a number that is its own: how many people, how often it is said."""

_DIGEST_BYTES = hashlib.sha256().digest_size
_NUMBER_BYTES = 4
_WRITABLE = OTHERS & (stat.S_IWGRP | stat.S_IWOTH)


def prepared(
    name: str,
    make: Callable[[], Words],
    *,
    made_by: str,
    packages: Sequence[str],
    folder: Path | None = None,
) -> Words:
    """Return a list of words, from the cache if it is there.

    Args:
        name: What the list is called: the name of its file.
        make: Makes it. No word of it is empty or has a line break.
        made_by: The file that holds `make`; a change of it makes the list anew.
        packages: Libraries that it is made of; another version of one makes it anew.
        folder: Where it is kept; None: the user's cache.
    """
    folder = folder or Path(platformdirs.user_cache_dir("jisr")) / "words"
    path, key = folder / f"{name}.words", _key(name, made_by, packages)
    try:
        if (words := _read(path, key)) is not None:
            return words
    except OSError:
        pass  # it is not there, or not to be read
    words = make()
    try:
        make_folder(folder)
        write_whole(path, _written(words, key))
    except OSError as error:
        LOG.debug("The words %s are not kept: %s", name, error.strerror)
    return words


def _key(name: str, made_by: str, packages: Sequence[str]) -> bytes:
    versions = [f"{package} {version(package)}" for package in packages]
    told = "\n".join([name, sys.byteorder, str(array("i").itemsize), *versions])
    sources = b"".join(Path(it).read_bytes() for it in (made_by, __file__))
    return hashlib.sha256(told.encode() + sources).digest()


def _written(words: Words, key: bytes) -> bytes:
    body = array("i", words.values()).tobytes() + "\n".join(words).encode()
    count = len(words).to_bytes(_NUMBER_BYTES, "big")
    return key + hashlib.sha256(key + count + body).digest() + count + body


def _read(path: Path, key: bytes) -> Words | None:
    """Return what a file holds; None if it is another's, of another time, or broken."""
    with path.open("rb") as file:
        about = os.fstat(file.fileno())
        if about.st_uid != os.getuid() or about.st_mode & _WRITABLE:
            return None
        if file.read(_DIGEST_BYTES) != key:
            return None
        digest, content = file.read(_DIGEST_BYTES), file.read()
    if hashlib.sha256(key + content).digest() != digest:
        return None
    count = int.from_bytes(content[:_NUMBER_BYTES], "big")
    numbers = array("i")
    end = _NUMBER_BYTES + count * numbers.itemsize
    numbers.frombytes(content[_NUMBER_BYTES:end])
    return dict(zip(content[end:].decode().split("\n"), numbers, strict=True)) if count else {}
