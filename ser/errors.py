"""What can go wrong, as one tree of exceptions whose messages are sentences for the user.

Every message says what was given, what is needed and what to do. Pages and the command line catch `SerError` and print
it. Any other exception is a bug and keeps its traceback.
"""


class SerError(Exception):
    """Root of everything this package raises on purpose."""


class AudioError(SerError):
    """A clip cannot be used: not audio, truncated, too short, too long, silent, not finite."""


class SilentError(AudioError):
    """A clip holds nothing loud enough to be speech."""


class DatasetError(SerError):
    """A data set, its archive or a feature table is missing, damaged or not what it should be."""


class TrainingError(SerError):
    """Settings are out of range, or leave nothing to train on or to score."""


class ModelStoreError(SerError):
    """A model is unknown, damaged, or was made for other features than this version computes."""


class ProgramError(SerError):
    """The program has a fault: work in the background broke off, and the log has the traceback."""
