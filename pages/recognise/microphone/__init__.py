"""The microphone: the recorder with its state around it, and the browser's own recorder one click away."""
