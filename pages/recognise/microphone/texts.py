"""The sentences around the microphone."""

FRAME = "Microphone"
START = "Start recording"
STOP = "Finish recording"
BROWSER = "Use the browser’s recorder (keyboard, level meter)"


def live(quiet_seconds: float) -> dict[str, tuple[str, str]]:
    """What stands beside the microphone in each state of the recorder: a title and a line."""
    return {
        "asking": ("Starting …", "Your browser may ask you to allow the microphone."),
        "recording": (
            "Recording",
            f"Click again to finish, or stay silent for {quiet_seconds:.0f} seconds.",
        ),
        "working": ("Working …", "Your recording is on its way to the model."),
        "failed": ("Could not use the microphone", ""),
    }


#: Why the browser gives no sound, by the name of its error.
REFUSED = {
    "NotAllowedError": "Your browser blocks it for this page. Allow the microphone in the address bar, then try again.",
    "NotFoundError": "Your browser finds no microphone. Connect one, then try again.",
    "NotReadableError": "Another program may be using it. Close that program, then try again.",
    "insecure": "Browsers allow recording only on pages whose address begins with https. Upload a file instead.",
    "other": "Your browser gave no reason. Try again, or upload a file instead.",
}
