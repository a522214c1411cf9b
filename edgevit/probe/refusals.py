"""Why a phone refuses an app, and what helps: Android's codes in words."""

from __future__ import annotations

__all__ = ["refusal_help"]

_HELP = {
    "INSTALL_FAILED_UPDATE_INCOMPATIBLE": "The app is there already with another signature. Remove it: adb uninstall "
    "{package}",
    "INSTALL_FAILED_VERSION_DOWNGRADE": "A newer one is there already. Remove it: adb uninstall {package}",
    "INSTALL_FAILED_OLDER_SDK": "The phone's Android is too old: the APK needs Android 7.0 (API 24).",
    "INSTALL_FAILED_NO_MATCHING_ABIS": "The runtime in the APK was not made for the phone's processor: build with "
    "an AAR that has its libraries.",
    "INSTALL_FAILED_INSUFFICIENT_STORAGE": "Free some space on the phone.",
    "INSTALL_FAILED_USER_RESTRICTED": "The phone asks before it installs: allow 'Install via USB' in its developer "
    "options, and confirm on its screen.",
    "INSTALL_FAILED_VERIFICATION_FAILURE": "Play Protect or a policy stopped it: allow apps from USB in the developer "
    "options ('Verify apps over USB' off).",
    "INSTALL_PARSE_FAILED_NO_CERTIFICATES": "The APK was changed after it was signed: build it again.",
}

_OTHERWISE = "Install it by hand to see more: adb install -r APK"


def refusal_help(code: str, package: str) -> str:
    """Return what to do about one of Android's ``INSTALL_...`` codes."""
    return _HELP.get(code, _OTHERWISE).format(package=package)
