"""Work in processes of their own, so that it neither holds up the pages nor takes the server down with it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "helper": ["with_help"],
        "pool": ["in_worker", "share", "start"],
        "parallel": ["side_by_side"],
    },
)
