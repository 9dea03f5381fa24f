"""How fast the package is on this machine, side by side with other ways to do the same; see docs/benchmark.md."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "comparison": ["compare"],
        "lines": ["Comparison"],
    },
)
