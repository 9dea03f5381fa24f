"""What keeps the server of the app ready and light: its start, a rehearsal, its memory, timers of fragments."""
