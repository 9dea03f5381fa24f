"""What the tests share."""

from browser import chromium, demo, microphone, visit  # noqa: F401
