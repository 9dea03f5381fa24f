"""From the bytes of a file to one waveform: opening, decoding each part, mixing, and what is missing."""
