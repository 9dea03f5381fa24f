"""Reports as HTML pages: one answer, or one training run."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submod_attrs={"answer_report": ["report_answer"], "run_report": ["report_run"]}
)
