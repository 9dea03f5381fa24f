"""Clips heard in the background: started, watched, stopped.

Hearing ten minutes of speech, or thirty files, takes seconds, and a web page that waits for it in its own thread cannot
hear a click on Cancel. So a thread does it; whoever watches takes snapshots, and nothing is called back. What cannot be
used becomes its error, beside the others' results.
"""

import logging
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ser.errors import AudioError, ModelStoreError, SerError
from ser.model import EmotionModel
from ser.prediction import Heard, hear

# More at once than processors would only slow each other down; the next visitor waits a moment.
_PLACES = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))


@dataclass(frozen=True)
class Sound:
    """A clip to be heard.

    Attributes:
        name: what to call it.
        data: the file's bytes.
    """

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class ListeningSnapshot:
    """How far it is.

    Attributes:
        state: "waiting" for a place, "listening", then "done", "stopped" or "failed".
        total: clips in all.
        found: what each clip came to, in their order, as far as it is: what was heard, or why it cannot be used.
        share: of all clips, 0 to 1.
        error: why nothing more comes, as a sentence; None unless it failed.
    """

    state: str
    total: int
    found: tuple[Heard | AudioError, ...] = ()
    share: float = 0.0
    error: SerError | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("done", "stopped", "failed")


class Listening:
    """Some clips heard by one model; can be started once, watched from any thread and stopped."""

    def __init__(self, sounds: Sequence[Sound], model: EmotionModel) -> None:
        """Prepare; nothing is computed before `start`.

        Args:
            sounds: the clips.
            model: whose features are computed.
        """
        self.sounds = tuple(sounds)
        self.model = model
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._snapshot = ListeningSnapshot("waiting", len(self.sounds))
        self._thread = threading.Thread(target=self._work, name="listening", daemon=True)

    def start(self) -> None:
        """Begin in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end after the window under way; what was found so far is kept."""
        self._stop.set()

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end.

        Args:
            timeout: seconds to wait at most.
        """
        self._thread.join(timeout)

    def snapshot(self) -> ListeningSnapshot:
        """How it stands now."""
        with self._lock:
            return self._snapshot

    def _set(self, **changes: object) -> None:
        with self._lock:
            self._snapshot = replace(self._snapshot, **changes)

    def _work(self) -> None:
        while not _PLACES.acquire(timeout=0.1):
            if self._stop.is_set():
                self._set(state="stopped")
                return
        try:
            self._set(state="listening")
            for place, sound in enumerate(self.sounds):
                found = self._hear(place, sound)
                if found is None:
                    self._set(state="stopped")
                    return
                self._set(found=(*self._snapshot.found, found), share=(place + 1) / len(self.sounds))
            self._set(state="done", share=1.0)
        except SerError as error:
            self._set(state="failed", error=error)
        except Exception:  # a thread has nobody above it to show a bug to, so it goes to the log
            logging.getLogger(__name__).exception("Listening broke off")
            fault = ModelStoreError("Listening broke off through a fault of the program. Give the clip again.")
            self._set(state="failed", error=fault)
        finally:
            _PLACES.release()

    def _hear(self, place: int, sound: Sound) -> Heard | AudioError | None:
        """One clip, or why it cannot be used, or None if told to stop meanwhile."""
        steps = hear(sound.data, self.model, name=sound.name)
        try:
            while not self._stop.is_set():
                self._set(share=(place + next(steps)) / len(self.sounds))
        except StopIteration as end:
            return end.value
        except AudioError as error:
            return error
        steps.close()
        return None
