"""A signed benchmark APK from a generated Android project, without Gradle and without an Android SDK.

Imports no torch; the work is in :mod:`edgevit.sdk.apk.assemble`.
"""

from __future__ import annotations
