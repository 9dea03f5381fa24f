"""The memory of a process and its children, measured as proportional set size (PSS): shared pages are divided up."""

from pathlib import Path

_PROC = Path("/proc")


def family(pid: int) -> list[int]:
    """Return a process and all its descendants that run now."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdecimal():
            try:
                # The parent stands behind the state, which follows the name in brackets.
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:  # it has just ended
                continue
            children.setdefault(parent, []).append(int(entry.name))
    members = [pid]
    for member in members:
        members += children.get(member, [])
    return members


def pss_megabytes(rollup: str) -> float:
    """Return the PSS in MB (1e6 bytes) that the text of a `smaps_rollup` states."""
    for line in rollup.splitlines():
        name, _, value = line.partition(":")
        if name == "Pss":
            return int(value.split()[0]) * 1024 / 1e6
    raise ValueError("The text of smaps_rollup has no line “Pss”.")


def memory_of(pid: int) -> tuple[float, int]:
    """Return the PSS in MB of a process and its descendants together, and how many processes they are."""
    total, processes = 0.0, 0
    for member in family(pid):
        try:
            total += pss_megabytes((_PROC / str(member) / "smaps_rollup").read_text())
        except (OSError, ValueError):  # it has just ended
            continue
        processes += 1
    return total, processes
