"""The command line, one file a command.

A command imports what it needs when it runs, so that `ser --help` answers at once.
"""

__all__: list[str] = []
