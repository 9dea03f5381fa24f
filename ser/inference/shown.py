"""One clip with all that is shown of it, made in one go, so that it is decoded and sent to another process once."""

from dataclasses import dataclass, replace

from ser.audio.decoding.decoder import Decoder
from ser.errors import AudioError
from ser.inference.batch import BatchReport, ClipFile, extract_batch
from ser.inference.clip_features import ClipFeatures, NeedsFeatures
from ser.inference.sound import Sound, decode_sound
from ser.inference.timeline import FINE_SECONDS, TimelineFeatures, timeline_features
from ser.steps import Steps, relay, until_stopped

# Of the work on a long clip; the rest goes to its sound and its timeline.
_SHARE_OF_FEATURES = 0.85


@dataclass(frozen=True)
class ShownClip:
    """What an answer needs and what is shown beside it.

    Attributes:
        features: what models answer from.
        sound: what is played, drawn and measured.
        timeline: what a timeline needs. It is None for a clip of up to `FINE_SECONDS`, whose timeline has windows of
            its own that the answer should not wait for.
    """

    features: ClipFeatures
    sound: Sound
    timeline: TimelineFeatures | None


def extract_shown(clip: ClipFile, demand: NeedsFeatures) -> Steps[BatchReport, ShownClip | AudioError | None]:
    """Extract the features of a clip as `extract_batch` does, and all that is shown of it.

    Returns:
        The `ShownClip`, or the error that says why the clip cannot be used, or None if it was stopped before there
        were features.
    """
    decoder = Decoder()
    steps = extract_batch([clip], demand, decoder)
    results = yield from relay(steps, lambda report: replace(report, share=_SHARE_OF_FEATURES * report.share))
    if not results:
        return None
    features = results[0]
    if isinstance(features, AudioError):
        return features
    sound = decode_sound(clip.data, name=clip.name, decoder=decoder)
    timeline = None
    if features.seconds > FINE_SECONDS:
        following = timeline_features(clip.data, features, demand, decoder=decoder)
        left = 1 - _SHARE_OF_FEATURES
        timeline = yield from until_stopped(
            following, lambda share: BatchReport(1, 1, clip.name, _SHARE_OF_FEATURES + left * share)
        )
    return ShownClip(features, sound, timeline)
