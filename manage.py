#!/usr/bin/env python
"""OneStop's command line; has ready what a command needs before it runs."""

import os
import sys


def main() -> None:
    """Run the command that the arguments name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onestop.settings")
    from onestop.preparation import CommandLine

    try:
        CommandLine(sys.argv).execute()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
