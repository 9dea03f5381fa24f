"""`ser predict` imports what it needs only: each of these takes longer than the answer itself."""

import subprocess
import sys
from pathlib import Path

from tests.helpers.sounds import file, voice

SLOW = ("pandas", "pyarrow", "librosa", "numba", "sklearn", "scipy.signal", "scipy.ndimage", "scipy.stats", "plotly")


def test_predict_does_without_slow_imports(tmp_path):
    clip = tmp_path / "clip.wav"
    clip.write_bytes(file(voice(2.0), 16_000))
    code = (
        "import sys; from ser.cli.main import main; "
        f"status = main(['predict', {str(clip)!r}]); print([name for name in {SLOW} if name in sys.modules], status)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.stdout.splitlines()[-1] == "[] 0", done.stderr
