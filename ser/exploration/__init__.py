"""What Explore computes from a feature table: effect sizes, maps and RadViz."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "agreement": ["compare_effects"],
        "effect_sizes": ["correlate", "group_differences", "interaction", "separation"],
        "projection": ["project"],
        "radviz": ["radviz_points"],
    },
)
