"""The host's side of measuring on a phone: install, start, wait, fetch, check, and leave the phone as it was."""

from __future__ import annotations
