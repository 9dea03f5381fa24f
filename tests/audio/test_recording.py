"""What is measured of a recording, on sounds whose measures are known."""

import numpy as np
import pytest

from ser.audio.decoding.decoder import decode
from ser.audio.recording import MEASUREMENT_UNITS, Recording, measure_recording
from tests.helpers.sounds import file, tone, voice


def measured(samples, rate=16_000, **options) -> Recording:
    data = file(samples, rate, **options)
    return measure_recording(decode(data, rate=16_000), data)


def test_silence_before_and_after_is_measured_to_a_frame():
    quiet = np.zeros(16_000, np.float32)
    found = measured(np.concatenate([quiet, tone(200, 1.0), quiet[:8000]]))
    assert found.silence_before == pytest.approx(1.0, abs=0.026)
    assert found.silence_after == pytest.approx(0.5, abs=0.026)
    assert found.seconds == 2.5


@pytest.mark.parametrize("down", [0, 10])
def test_noise_floor_follows_the_gain_and_snr_does_not(down):
    sound = voice(3.0)
    found, softer = measured(sound, subtype="FLOAT"), measured(sound * 10 ** (-down / 20), subtype="FLOAT")
    assert softer.noise == pytest.approx(found.noise - down, abs=0.1)
    assert softer.snr == pytest.approx(found.snr, abs=0.1)
    # `voice` puts a hiss 60 dB below itself.
    assert found.snr == pytest.approx(60, abs=4)


def test_digital_zeros_are_no_quiet_room():
    sound = voice(3.0)
    bare, padded = measured(sound), measured(np.pad(sound, 32_000))
    assert padded.noise == pytest.approx(bare.noise, abs=1.5) and padded.silence_before > 2


def test_clipping_channels_and_rate_are_those_of_the_file():
    loud = np.clip(5 * tone(200, 1.0, 48_000, amplitude=0.9), -1, 1)
    found = measured(np.column_stack([loud, loud]), 48_000)
    assert found.clipped > 0.5 and found.channels == 2 and found.native_rate == 48_000 and found.peak > 0.99


def test_equal_bytes_have_equal_hashes_and_no_others():
    first, other = tone(200), tone(201)
    assert measured(first).sha == measured(first.copy()).sha != measured(other).sha
    assert len(measured(first).sha) == 16


def test_every_measure_has_a_unit():
    assert tuple(MEASUREMENT_UNITS) == tuple(Recording.__dataclass_fields__)
