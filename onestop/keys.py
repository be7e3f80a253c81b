"""Secret keys of this installation: made in the home at first use, for the owner's eyes only."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

KEY_BYTES = 32


def read_or_make(path: Path) -> str:
    """The key in `path`, 64 hexadecimal digits; made there, mode 0600, if there is none yet.

    Two processes may come at once: a link refuses to replace, so both read the same key.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, fresh = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(KEY_BYTES))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        os.unlink(fresh)
    return path.read_text().strip()
