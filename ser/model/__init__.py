"""A trained model: network, calibration, novelty, voice profile, card, storage and export."""
