"""One clip with all that is shown of it: the same as from one function after the other, decoded once."""

import numpy as np
import pytest

from ser.audio.decoding import decoder as decoding
from ser.errors import AudioError
from ser.inference.batch import ClipFile
from ser.inference.clip_features import extract_clip
from ser.inference.shown import extract_shown
from ser.inference.sound import decode_sound
from ser.inference.timeline import FINE_SECONDS, timeline_features
from ser.steps import finish
from tests.helpers import shipped
from tests.helpers.sounds import file, voice
from tests.helpers.steps import followed


@pytest.mark.parametrize("seconds", [2.0, FINE_SECONDS + 3.0])
def test_it_is_what_the_single_functions_give_and_the_clip_is_decoded_once(monkeypatch, seconds):
    model, data = shipped.model(), file(voice(seconds), 16_000)
    apart = finish(extract_clip(data, model, name="a.wav"))
    sound = decode_sound(data, name="a.wav")
    decoded = []

    def decode(source, **given):
        decoded.append(source)
        return real(source, **given)

    real = decoding.decode
    monkeypatch.setattr(decoding, "decode", decode)
    reports, found = followed(extract_shown(ClipFile("a.wav", data), model))
    assert decoded == [data]
    shares = [report.share for report in reports]
    assert shares == sorted(shares) and shares[0] > 0 and shares[-1] <= 1
    assert np.array_equal(found.features.vectors, apart.vectors) and found.features.file == "a.wav"
    assert found.sound.wav == sound.wav and found.sound.measured == sound.measured
    if seconds <= FINE_SECONDS:
        assert found.timeline is None
    else:
        wanted = finish(timeline_features(data, apart, model))
        assert found.timeline.spans == wanted.spans and np.array_equal(
            found.timeline.tracks.f0, wanted.tracks.f0, equal_nan=True
        )


def test_a_clip_that_cannot_be_used_becomes_its_error():
    _, found = followed(extract_shown(ClipFile("diary.wav", b"This is a diary."), shipped.model()))
    assert isinstance(found, AudioError) and "diary.wav" in str(found)


def test_a_stop_before_the_features_leaves_nothing_and_one_after_them_no_timeline():
    clip = ClipFile("a.wav", file(voice(FINE_SECONDS + 3.0), 16_000))
    _, found = followed(extract_shown(clip, shipped.model()), lambda reports: True)
    assert found is None
    _, found = followed(extract_shown(clip, shipped.model()), lambda reports: reports[-1].share > 0.85)
    assert found.timeline is None and found.sound.waveform.seconds == pytest.approx(FINE_SECONDS + 3.0, abs=0.01)
