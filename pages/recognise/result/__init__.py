"""The views of answered clips: answer, timeline, reasons, sound, voice, other models and report."""
