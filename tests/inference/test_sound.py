"""What is shown, played and measured of a clip."""

import io
import pickle

import numpy as np
import pytest
import soundfile

from ser.audio.playback import RATE
from ser.errors import AudioError
from ser.inference.sound import decode_sound
from tests.helpers.sounds import file, voice


def test_a_sound_holds_the_clip_at_the_playback_rate_and_can_be_sent_to_a_process():
    sound = pickle.loads(pickle.dumps(decode_sound(file(voice(2.0, 48_000), 48_000), name="a.wav")))
    played, rate = soundfile.read(io.BytesIO(sound.wav), dtype="float32")
    assert rate == sound.waveform.rate == RATE and sound.waveform.name == "a.wav"
    assert np.abs(played - sound.waveform.samples).max() < 1e-4
    assert sound.spectrogram.values.shape[1] == sound.spectrogram.times.size
    assert sound.measured.voiced > 0.5


def test_a_file_without_sound_is_refused():
    with pytest.raises(AudioError):
        decode_sound(b"no sound")
