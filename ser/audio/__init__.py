"""From bytes to a `Waveform`: file formats, decoding, speech activity, quality, augmentation and playback."""
