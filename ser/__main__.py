"""`python -m ser`: the command line, as the installed command `ser`."""

import sys

from ser.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
