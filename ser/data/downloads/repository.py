"""Downloads the recordings of a data set that is published as a repository on GitHub, file by file.

GitHub's list of a folder holds the SHA-1 of every file, and each file is checked against it. Where the list holds
pointers of Git LFS, a pointer is checked, and then the recording against the SHA-256 in the pointer. A file that has
its name is therefore whole. `SHA256SUMS` in the folder lists the files that are complete, so that the next run fetches
only the others; `sha256sum -c SHA256SUMS` checks them.

The archive that GitHub makes of a repository would be one request, but it has no published checksum, it cannot be
resumed, and it holds pointers instead of recordings where Git LFS is used.
"""

import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from ser import config
from ser.audio import formats
from ser.data.data_sets import Repository
from ser.data.downloads.fetching import disk_sentence, fetch, read_all
from ser.errors import DatasetError
from ser.steps import Steps, finish

SUMS = "SHA256SUMS"

_CONNECTIONS = 8
_WAITS = (1, 3, 10, 30)
_POINTER = re.compile(rb"version https://git-lfs\S+\n(?:.*\n)*?oid sha256:([0-9a-f]{64})\nsize (\d+)\n")
_POINTER_BYTES = 1024


@dataclass(frozen=True)
class Hosts:
    """Addresses of GitHub's services, without a slash at the end.

    Attributes:
        api: lists folders.
        raw: has the files, and the pointers of Git LFS.
        media: has the files that these pointers stand for.
    """

    api: str = "https://api.github.com"
    raw: str = "https://raw.githubusercontent.com"
    media: str = "https://media.githubusercontent.com/media"


GITHUB = Hosts()


@dataclass(frozen=True)
class FolderProgress:
    """Progress of a download of many files.

    Attributes:
        done: files that are complete, those of earlier runs included.
        total: number of files.
        rate: bytes per second, the average of this run; 0 before the first file arrives.
        seconds_left: at that pace; None where there is none yet.
    """

    done: int
    total: int
    rate: float
    seconds_left: float | None


@dataclass(frozen=True)
class _RemoteFile:
    """A file as GitHub lists it.

    Attributes:
        path: in the repository.
        size: in bytes.
        sha: of its Git blob, SHA-1.
    """

    path: str
    size: int
    sha: str


def repository_folder(repository: Repository, to: Path | None = None) -> Path:
    """The folder for a repository's files: one of its name in `to`, by default in the user's cache folder."""
    parent = Path(to).expanduser() if to is not None else config.cache_folders()[0]
    return parent / repository.name.rpartition("/")[2]


def download_repository(
    repository: Repository, to: Path | None = None, *, hosts: Hosts | None = None, waits: Sequence[float] = _WAITS
) -> Steps[FolderProgress, Path]:
    """Download the recordings into `repository_folder`, and return it.

    Progress is reported after each file, at least once, and last with `done` equal to `total`. `hosts` are GitHub's if
    left out; `waits` are the seconds before each further try after a connection was lost.

    A `DatasetError` says that an address is wrong, the server keeps failing, the disk is full or not writable, or a
    file is not the published one. The files that are complete are kept.
    """
    hosts, folder = hosts or GITHUB, repository_folder(repository, to)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files = _listed(repository, hosts, waits)
        sums = _known_sums(folder)
        missing = [file for file in files if sums.get(file.path) is None]
        started, arrived, done = time.monotonic(), 0, len(files) - len(missing)
        yield FolderProgress(done, len(files), 0.0, None if missing else 0.0)
        fetcher = _Fetcher(repository, hosts, folder, waits)
        for path, checksum in fetcher.all(missing):
            with (folder / SUMS).open("a", encoding="utf-8") as list_of_sums:
                list_of_sums.write(f"{checksum}  {path}\n")
            arrived += (folder / path).stat().st_size
            done += 1
            seconds = max(time.monotonic() - started, 1e-6)
            pace = (done - len(files) + len(missing)) / seconds
            yield FolderProgress(done, len(files), arrived / seconds, (len(files) - done) / pace)
    except OSError as error:
        raise DatasetError(disk_sentence(error, folder, folder / SUMS)) from error
    return folder


class _Fetcher:
    """Fetches and checks files, several at once."""

    def __init__(self, repository: Repository, hosts: Hosts, folder: Path, waits: Sequence[float]) -> None:
        self._repository, self._hosts, self._folder, self._waits = repository, hosts, folder, waits
        self._ended = threading.Event()

    def all(self, files: Sequence[_RemoteFile]) -> Iterator[tuple[str, str]]:
        """Path and SHA-256 of each file when it is complete; nothing goes on after an error or when this is closed."""
        pool = ThreadPoolExecutor(_CONNECTIONS)
        try:
            for each in as_completed([pool.submit(self._one, file) for file in files]):
                yield each.result()
        finally:
            self._ended.set()
            pool.shutdown(cancel_futures=True)

    def _pause(self, seconds: float) -> None:
        """Wait before another try; if all is to end, raise an error, which nobody waits for any more."""
        if self._ended.wait(seconds):
            raise CancelledError

    def _one(self, file: _RemoteFile) -> tuple[str, str]:
        """Fetch a file, and what it stands for if it is a pointer; return its path and SHA-256."""
        target = self._folder / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        address = f"{self._repository.name}/{self._repository.branch}/{quote(file.path)}"
        url = f"{self._hosts.raw}/{address}"
        if file.size <= _POINTER_BYTES:
            content = read_all(url, self._waits, self._pause)
            _check(url, "SHA-1", blob_sha(content), file.sha)
            pointer = _POINTER.fullmatch(content)
            if pointer:
                url = f"{self._hosts.media}/{address}"
                return file.path, self._fetched(url, target, int(pointer[2]), "SHA-256", pointer[1].decode())
        return file.path, self._fetched(url, target, file.size, "SHA-1", file.sha)

    def _fetched(self, url: str, target: Path, size: int, kind_of_sum: str, published: str) -> str:
        """Fetch a file to its name, checked, and return its SHA-256."""
        part = target.with_name(target.name + ".part")
        if part.exists() and part.stat().st_size > size:
            part.unlink()
        if size:
            finish(fetch(url, part, size, self._waits, self._pause))
        else:
            part.touch()
        content = part.read_bytes()
        checksum = hashlib.sha256(content).hexdigest()
        try:
            _check(url, kind_of_sum, checksum if kind_of_sum == "SHA-256" else blob_sha(content), published)
        except DatasetError:
            part.unlink()
            raise
        part.replace(target)
        return checksum


def _listed(repository: Repository, hosts: Hosts, waits: Sequence[float]) -> list[_RemoteFile]:
    """The recordings in the repository's folder, and the files beside it, as GitHub lists them."""
    trees = f"{hosts.api}/repos/{repository.name}/git/trees"
    root = _tree(f"{trees}/{repository.branch}", waits)
    shas = [each["sha"] for each in root if each["path"] == repository.folder and each["type"] == "tree"]
    if not shas:
        raise DatasetError(f"{trees}/{repository.branch} lists no folder {repository.folder}. The data set has moved.")
    inside = [
        _RemoteFile(f"{repository.folder}/{each['path']}", int(each["size"]), each["sha"])
        for each in _tree(f"{trees}/{shas[0]}", waits)
        if each["type"] == "blob" and PurePosixPath(each["path"]).suffix.lower() in formats.SUFFIXES
    ]
    beside = [
        _RemoteFile(each["path"], int(each["size"]), each["sha"]) for each in root if each["path"] in repository.beside
    ]
    return [*beside, *inside]


def _tree(url: str, waits: Sequence[float]) -> list[dict[str, Any]]:
    """The entries of a folder in GitHub's list."""
    try:
        answer = json.loads(read_all(url, waits))
        entries = [each for each in answer["tree"] if re.fullmatch(r"[\w.+-]+", each["path"])]
        truncated = bool(answer.get("truncated"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(f"{url} does not answer with a list of files ({error!r}). Try again later.") from error
    if truncated:
        raise DatasetError(f"{url} lists only a part of the files. Fetch the data set with git instead.")
    return entries


def _known_sums(folder: Path) -> dict[str, str]:
    """Path → SHA-256 of the files that are complete and unchanged."""
    sums = {}
    if (folder / SUMS).exists():
        for line in (folder / SUMS).read_text("utf-8").splitlines():
            checksum, _, path = line.partition("  ")
            file = folder / path
            if path and file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == checksum:
                sums[path] = checksum
    return sums


def blob_sha(content: bytes) -> str:
    """The SHA-1 that Git gives a file with this content."""
    # A checksum against damage as the publisher gives it, not a seal.
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _check(url: str, name: str, found: str, published: str) -> None:
    """Raise `DatasetError` if a checksum is not the published one."""
    if found != published:
        raise DatasetError(
            f"What {url} sent has {name} {found}, but {published} is published. It was removed; run the download again."
        )
