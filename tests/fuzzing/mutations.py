"""Changes files at random, as damage, wrong programs and attackers do."""

from collections.abc import Callable

import numpy as np

MOST_BYTES = 1_000_000
# Files grow no further, so that a longer answer is not the work of a longer recording.
MOST_GROWTH = 3
_HEADER = 400
_NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
_WORDS = (
    *(b"RIFF", b"WAVE", b"fmt ", b"data", b"LIST", b"ds64", b"FORM", b"AIFC", b"COMM", b"SSND", b"fLaC", b"OggS"),
    *(b"ftyp", b"moov", b"mdat", b"stsd", b"stsz", b"esds", b"ID3\x04", b"TAG", b"APETAGEX", b"\xff\xfb"),
    *(b"\x1aE\xdf\xa3", b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"#EXTM3U\n", b"../../", b"\0" * 8, b"\xff" * 8),
)  # fmt: skip

_Mutation = Callable[[bytearray, np.random.Generator, list[bytes]], bytearray]


def mutated(data: bytes, rng: np.random.Generator, others: list[bytes]) -> bytes:
    """A file with one to three changes, of at most `MOST_BYTES`; `others` are files to take pieces from."""
    changed, most = bytearray(data), min(MOST_BYTES, MOST_GROWTH * len(data))
    for _ in range(rng.choice([1, 1, 2, 3])):
        mutation = _MUTATIONS[rng.integers(len(_MUTATIONS))]
        changed = mutation(changed or bytearray(1), rng, others)[:most]
    return bytes(changed)


def _place(data: bytearray, rng: np.random.Generator) -> int:
    """Where to change something; more often in the header, where readers stumble."""
    reach = min(len(data), _HEADER) if rng.random() < 0.6 else len(data)
    return int(rng.integers(reach))


def _flip_bits(data: bytearray, rng: np.random.Generator, others: list[bytes]) -> bytearray:
    for _ in range(rng.integers(1, 16)):
        data[_place(data, rng)] ^= 1 << int(rng.integers(8))
    return data


def _set_bytes(data: bytearray, rng: np.random.Generator, others: list[bytes]) -> bytearray:
    for _ in range(rng.integers(1, 6)):
        data[_place(data, rng)] = int(rng.choice([0, 1, 127, 128, 254, 255]))
    return data


def _set_number(data: bytearray, rng: np.random.Generator, others: list[bytes]) -> bytearray:
    """A number of 2, 4 or 8 bytes, small or large in itself or by its sign, or near the file's size."""
    width, order = int(rng.choice([2, 4, 4, 8])), "little" if rng.random() < 0.5 else "big"
    value = int(rng.choice(_NUMBERS)) if rng.random() < 0.7 else len(data) + int(rng.integers(-16, 17))
    place = _place(data, rng)
    data[place : place + width] = (value % (1 << 8 * width)).to_bytes(width, order)
    return data


def _cut(data: bytearray, rng: np.random.Generator, others: list[bytes]) -> bytearray:
    return data[: rng.integers(len(data))]


def _drop_front(data: bytearray, rng: np.random.Generator, others: list[bytes]) -> bytearray:
    return data[_place(data, rng) :]


def _drop_piece(data: bytearray, rng: np.random.Generator, others: list[bytes]) -> bytearray:
    place = _place(data, rng)
    del data[place : place + int(rng.integers(1, 2000))]
    return data


def _repeat_piece(data: bytearray, rng: np.random.Generator, others: list[bytes]) -> bytearray:
    place = _place(data, rng)
    piece = data[place : place + int(rng.integers(1, 600))]
    return data[:place] + piece * int(rng.integers(2, 12)) + data[place:]


def _random_piece(data: bytearray, rng: np.random.Generator, others: list[bytes]) -> bytearray:
    place = _place(data, rng)
    data[place : place + int(rng.integers(64))] = rng.bytes(int(rng.integers(64)))
    return data


def _blank_piece(data: bytearray, rng: np.random.Generator, others: list[bytes]) -> bytearray:
    place = _place(data, rng)
    size = min(len(data) - place, int(rng.integers(1, 4000)))
    data[place : place + size] = bytes([int(rng.choice([0, 255]))]) * size
    return data


def _insert_word(data: bytearray, rng: np.random.Generator, others: list[bytes]) -> bytearray:
    word, place = _WORDS[rng.integers(len(_WORDS))], _place(data, rng)
    data[place : place + (len(word) if rng.random() < 0.7 else 0)] = word
    return data


def _splice(data: bytearray, rng: np.random.Generator, others: list[bytes]) -> bytearray:
    """The beginning of one file and the rest of another."""
    other = others[rng.integers(len(others))]
    return data[: _place(data, rng)] + other[int(rng.integers(len(other))) :]


def _new_head(data: bytearray, rng: np.random.Generator, others: list[bytes]) -> bytearray:
    """The header of another file in front of this one's sound."""
    head = others[rng.integers(len(others))][: int(rng.integers(4, 200))]
    return bytearray(head) + data[len(head) :]


_MUTATIONS: tuple[_Mutation, ...] = (
    *(_flip_bits, _set_bytes, _set_number, _set_number, _cut, _drop_front, _drop_piece, _repeat_piece, _random_piece),
    *(_blank_piece, _insert_word, _splice, _new_head),
)
