"""Croissant metadata (JSON-LD, https://docs.mlcommons.org/croissant/) of the shipped feature tables."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from ser.data.data_sets import DATA_SETS, SHIPPED_CORPORA

_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "samplingRate": "cr:samplingRate",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_CLIP_COLUMNS = {
    "name": "file name of the clip",
    "path": "where the clip lies in the archive of its publisher",
    "modality": "audio only in all rows",
    "channel": "speech in all rows",
    "emotion": "the emotion that the actor was asked to play",
    "intensity": "normal or strong",
    "statement": "the sentence",
    "repetition": "number of the take",
    "actor": "number of the speaker: 1 to 24 in RAVDESS, from 201 on in nEMO",
    "sex": "of the speaker",
    "corpus": "the data set that the clip is of",
    "speaker": "the speaker as the data set calls them",
    "sha": "start of the SHA-256 of the clip's samples",
}
_CLIPS = "clips"
_TABLES = {
    "@type": "cr:FileSet",
    "@id": "tables",
    "name": "tables",
    "description": "Both tables; they have the same columns.",
    "encodingFormat": "application/x-parquet",
    "includes": [f"{corpus}.parquet" for corpus in SHIPPED_CORPORA],
}


def croissant(folder: Path, version: str) -> dict[str, Any]:
    """The metadata of the tables in a folder.

    Args:
        folder: with a parquet file for each shipped data set.
        version: of the package.
    """
    files = [folder / f"{corpus}.parquet" for corpus in SHIPPED_CORPORA]
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": "speech-emotion-feature-tables",
        "description": "Named acoustic features of acted emotional speech: one row a clip of RAVDESS (English) and of "
        "a part of nEMO (Polish). The recordings are not part of it.",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "license": "https://creativecommons.org/licenses/by-nc-sa/4.0/",
        "citeAs": " ".join(DATA_SETS[corpus].citation for corpus in SHIPPED_CORPORA),
        "version": version,
        "datePublished": "2026-11-27",
        "inLanguage": ["en", "pl"],
        "isLiveDataset": False,
        "url": "https://doi.org/10.5281/zenodo.1188976",
        "distribution": [*map(_file, files), _TABLES],
        "recordSet": [_records(files)],
    }


def _file(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {
        "@type": "cr:FileObject",
        "@id": path.name,
        "name": path.name,
        "contentUrl": path.name,
        "contentSize": f"{len(data)} B",
        "encodingFormat": "application/x-parquet",
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def _records(files: list[Path]) -> dict[str, Any]:
    """One record a clip: the columns are those of all files."""
    schema = pyarrow.parquet.read_schema(files[0])
    about = _descriptions(schema)
    clips = " and ".join(f"{pyarrow.parquet.read_metadata(path).num_rows} in {path.name}" for path in files)
    return {
        "@type": "cr:RecordSet",
        "@id": _CLIPS,
        "name": _CLIPS,
        "description": f"One record a clip: {clips}.",
        "field": [_field(name, schema.field(name).type, about.get(name)) for name in schema.names],
    }


def _field(name: str, type_: pyarrow.DataType, about: str | None) -> dict[str, Any]:
    listed = pyarrow.types.is_fixed_size_list(type_)
    value = type_.value_type if listed else type_
    data_type = "sc:Text" if pyarrow.types.is_large_string(value) else "sc:Integer"
    data_type = "sc:Float" if pyarrow.types.is_floating(value) else data_type
    field = {"@type": "cr:Field", "@id": f"{_CLIPS}/{name}", "name": name, "dataType": data_type}
    field |= {"description": about} if about else {}
    field |= {"repeated": True} if listed else {}
    return field | {"source": {"fileSet": {"@id": _TABLES["@id"]}, "extract": {"column": name}}}


def _descriptions(schema: pyarrow.Schema) -> dict[str, str]:
    """Column → what it holds, with its unit; from the tables' own metadata where they have it."""
    held = json.loads(schema.metadata[b"ser"])
    found = dict(_CLIP_COLUMNS)
    found |= {name: f"in {unit}" for name, unit in held["measured"].items() if unit}
    found |= {f"contour/{name}": f"50 values over the clip, in {unit}" for name, unit in held["contours"].items()}
    for feature_set, features in held["sets"].items():
        for feature in features:
            unit = f", in {feature['unit']}" if feature["unit"] else ""
            found[f"{feature_set}/{feature['name']}"] = f"{feature['group']}{unit}"
    return found


def as_text(record: dict[str, Any]) -> str:
    """The JSON of the metadata, with a line for each field, so that changes are easy to see."""
    sets = record["recordSet"]
    parts = []
    for each in sets:
        head = json.dumps(each | {"field": []}, ensure_ascii=False)
        fields = ",\n".join(json.dumps(field, ensure_ascii=False, separators=(",", ":")) for field in each["field"])
        parts.append(head.removesuffix("[]}") + f"[\n{fields}\n]}}")
    text = json.dumps(record | {"recordSet": []}, indent=1, ensure_ascii=False)
    return text.removesuffix("[]\n}") + "[\n" + ",\n".join(parts) + "\n]\n}\n"
