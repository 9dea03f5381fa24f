"""The rehearsal of a process that forks workers."""

import subprocess
import sys
from pathlib import Path

from tests.helpers.sounds import file, voice

CODE = """
import sys
from ser.audio.augmentation import VIEWS
from ser.inference.clip_features import FeatureDemand, extract_whole
from ser.inference.rehearsal import rehearse
from ser.inference.sound import decode_sound
from ser.inference.timeline import timeline_features
from ser.steps import finish
rehearse()
before = set(sys.modules)
data, demand = open(sys.argv[1], "rb").read(), FeatureDemand("standard", tuple(VIEWS))
finish(timeline_features(data, extract_whole(data, demand), demand))
decode_sound(data)
print(sorted(set(sys.modules) - before))
"""


def test_after_it_an_answer_imports_nothing_more(tmp_path):
    clip = tmp_path / "clip.wav"
    clip.write_bytes(file(voice(5.0), 44_100))
    command = [sys.executable, "-c", CODE, str(clip)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert done.stdout.strip() == "[]"
