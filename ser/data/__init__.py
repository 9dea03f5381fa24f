"""Data sets: RAVDESS, its feature table and download, archives, labelled clips and evaluation splits."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "archives.opening": ["open_archive", "open_upload"],
        "extraction": ["extract"],
        "labels.labelled": ["find_labels", "open_corpus"],
        "own_set": ["measure_set"],
        "ravdess": ["open_source"],
        "splits": ["split"],
        "table": ["FeatureTable"],
        "table_file": ["load_table", "load_tables", "save_table"],
    },
)
