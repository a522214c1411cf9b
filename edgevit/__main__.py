"""``python -m edgevit``: the command line."""

from __future__ import annotations

from edgevit.cli import main

if __name__ == "__main__":
    main()
