"""Make the clips of synthetic voices: one sentence, spoken in several ways by eSpeak NG.

Two are examples of the demo, and all are for tests and benchmarks. They express no emotion, so their names say how they
are spoken, not how they sound.

Needs the `espeak-ng` command (Debian: `apt install espeak-ng`). Run from anywhere:

    python pages/common/examples/make_examples.py
"""

import io
import subprocess
from pathlib import Path

import soundfile

SENTENCE = "The kettle is on, and the train leaves at nine."

#: file stem → (eSpeak NG voice, pitch 0 to 99, pitch range in SSML, words a minute)
WAYS = {
    "plain_and_even": ("en-us", 45, "medium", 155),
    "quick_and_high": ("en-us+f3", 85, "x-high", 225),
    "slow_and_low": ("en-us+m3", 12, "low", 105),
    "quick_and_low": ("en-us+m7", 15, "high", 230),
    "whispered": ("en-us+whisperf", 50, "medium", 140),
}
EXAMPLES = ("plain_and_even", "quick_and_high")


def speak(voice: str, pitch: int, pitch_range: str, speed: int) -> bytes:
    """Return the sentence as the bytes of a WAV."""
    text = f'<speak><prosody range="{pitch_range}">{SENTENCE}</prosody></speak>'
    command = ["espeak-ng", "-m", "-v", voice, "-p", str(pitch), "-s", str(speed), "--stdout", text]
    return subprocess.run(command, check=True, capture_output=True).stdout


def main() -> None:
    """Write the examples beside this file and the other clips to the tests' recordings, as Ogg Vorbis."""
    here, tests = Path(__file__).parent, Path(__file__).parents[3] / "tests" / "recordings" / "voices"
    for stem, way in WAYS.items():
        samples, rate = soundfile.read(io.BytesIO(speak(*way)))
        folder = here if stem in EXAMPLES else tests
        soundfile.write(folder / f"{stem}.ogg", samples, rate, format="OGG", subtype="VORBIS")


if __name__ == "__main__":
    main()
