"""Atheris on the way from an upload to an answer: `python -m tests.fuzzing.guided CORPUS -max_total_time=1800 …`.

Install it beside the tests first: `pip install atheris` (https://github.com/google/atheris, Apache 2.0). The options
are libFuzzer's. It notices crashes of native code, hangs (`-timeout`) and too much memory (`-rss_limit_mb`) itself, and
keeps the input. It is guided by the coverage of Python code in ser.audio, ser.data.archives and ser.inference. Native
libraries (libsndfile, FFmpeg, libsoxr) are not instrumented: they are run, but nothing is known of what they do inside.
An empty folder CORPUS is filled with the seeds.
"""

import sys
from pathlib import Path

# 50 times what a second of sound takes on a slow machine; an input has at most 64 kB.
_MOST_SECONDS = 1.5


def main() -> None:
    """Fuzz until libFuzzer's options say stop; whatever raises is a finding."""
    import atheris

    with atheris.instrument_imports(include=["ser.audio", "ser.data.archives", "ser.inference"]):
        from tests.fuzzing.answerer import MOST_MEGABYTES
        from tests.fuzzing.seeds import seeds
        from tests.fuzzing.target import attempt, ready
    model = ready()
    corpus = Path(sys.argv[1])
    corpus.mkdir(exist_ok=True)
    if not any(corpus.iterdir()):
        for name, data in seeds().items():
            (corpus / name.replace(" ", "_")).write_bytes(data)

    def one_input(data: bytes) -> None:
        outcome = attempt(data, model)
        if outcome.seconds > _MOST_SECONDS:
            raise RuntimeError(f"It took {outcome.seconds:.2f} s.")
        if outcome.megabytes > MOST_MEGABYTES:
            raise RuntimeError(f"It took {outcome.megabytes:.0f} MB.")

    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
