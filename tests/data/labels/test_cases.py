"""Archives, tables, folders and copies that people really have (SER_CASES): what each comes to, everywhere."""

import io
import zipfile
from pathlib import Path

import pytest

from ser.cli.main import main
from ser.data.archives.clip_files import unpack
from ser.data.archives.opening import open_upload
from ser.data.labels.labelled import find_labels, open_corpus
from ser.data.own_set import to_own_set
from ser.errors import SerError
from ser.limits import VISITOR
from ser.steps import finish
from ser.training.own_clips import extract_files

pytestmark = pytest.mark.slow

A, S, H = "angry", "sad", "happy"
ESD = "Emotion Speech Dataset/{}/{}/{}_00000{}.wav"
CREMAD = {"1001_DFA_ANG_XX": A, "1001_DFA_SAD_XX": S, "1005_IWW_ANG_XX": A, "1005_IWW_DIS_XX": "disgust"}
KAGGLE = [(f"Actor_{actor}/03-01-{code}-01-01-{take}-{actor}.wav", label, actor)
          for actor in ("01", "02") for code, label in (("04", S), ("05", A)) for take in ("01", "02")]  # fmt: skip

# case → where the labels come from, {path: (label, speaker)}, and what the report says
CASES = {
    "zips/zip_label_speaker.zip": (
        "folder",
        {f"{label}/{who}/1.wav": (label, who) for label in (H, S) for who in ("anna", "ben")},
        "",
    ),
    "zips/zip_backslash.zip": (
        "folder",
        {f"my/{label}/{i}.wav": (label, None) for label in (A, S) for i in (1, 2)},
        "",
    ),
    "zips/zip_csv_macos_noflag.zip": (
        "csv",
        {"angry/ö.wav": (A, None), "sad/ü.wav": (S, None), "Ärger/für.wav": (S, None), "Ärger/wüst.wav": (A, None)},
        "",
    ),
    "zips/zip_junk.zip": ("folder", {f"{label}/{i}.wav": (label, None) for label in (A, S) for i in (1, 2)}, "8 files"),
    "csv/csv_Emotions_Path": ("csv", {f"clips/{c}.wav": ((A, S)[c in "ac"], None) for c in "abcd"}, ""),
    "csv/csv_file_emotion": ("csv", {f"clips/{c}.wav": ((A, S)[c in "ac"], None) for c in "abcd"}, ""),
    "folders/folder_speaker_first_esd": (
        "folder",
        {ESD.format(who, label, who, i): (label.lower(), who)
         for who in ("0011", "0012") for label in ("Angry", "Sad") for i in (1, 2)},
        "",
    ),
    "folders/folder_one_loose_at_top": (
        "folder",
        {f"corpus/{label}/{i}.wav": (label, None) for label in (A, S) for i in (1, 2)},
        "loose.wav",
    ),
    "folders/folder_hidden": (
        "folder",
        {f"{label}/{i}.wav": (label, None) for label in (H, S) for i in (1, 2)},
        "no recordings and passed over",
    ),
    "ravdess/zip_ravdess_kaggle.zip": (
        "ravdess",
        {path: (label, actor) for path, label, actor in KAGGLE},
        "8 duplicates left out",
    ),
    "cremad/cremad_repo": (
        "cremad",
        {f"AudioWAV/{name}.wav": (label, name[:4]) for name, label in CREMAD.items()},
        "8 duplicates left out",
    ),
    "players/aiff_set.zip": ("folder", {f"{(S, A)[i % 2]}/{i}.aiff": ((S, A)[i % 2], None) for i in range(4)}, ""),
}  # fmt: skip


def uploaded(case: Path) -> list[tuple[str, bytes]]:
    """A case as a visitor uploads it: a zip, or a folder's files."""
    if case.is_file():
        return [(case.name, case.read_bytes())]
    files = sorted(path for path in case.rglob("*") if path.is_file())
    return [(f"{case.name}/{path.relative_to(case).as_posix()}", path.read_bytes()) for path in files]


def zipped(case: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        for name, data in uploaded(case):
            out.writestr(name.partition("/")[2], data)
    return buffer.getvalue()


def found(clips) -> dict:
    return {clip.name: (clip.label, clip.speaker) for clip in clips}


@pytest.mark.parametrize("name", CASES)
def test_the_operator_gets_what_is_wanted(cases, name):
    source_name, clips, report = CASES[name]
    with open_corpus(cases / name) as corpus:
        assert corpus.source == source_name and found(corpus.clips) == clips
        assert report in " ".join(corpus.reported)
        assert all(len(clip.read()) > 1000 for clip in corpus.clips)


@pytest.mark.parametrize("name", CASES)
def test_a_visitor_gets_the_same_from_an_upload_or_a_zip(cases, name):
    source_name, clips, _ = CASES[name]
    files = uploaded(cases / name)
    labelled = find_labels(open_upload(files))
    below = f"{Path(name).name}/" if (cases / name).is_dir() else ""
    assert labelled.source == source_name and found(labelled.clips) == {
        below + path: each for path, each in clips.items()
    }
    if below:
        labelled = find_labels(open_upload([("set.zip", zipped(cases / name))]))
        assert labelled.source == source_name and found(labelled.clips) == clips


@pytest.mark.parametrize(
    "name", ["zips/zip_label_speaker.zip", "zips/zip_backslash.zip", "folders/folder_speaker_first_esd"]
)
def test_explore_train_evaluate_and_recognise_agree(cases, name):
    files = uploaded(cases / name)
    with open_corpus(cases / name, "folder") as corpus:
        scored = sorted((Path(clip.name).name, clip.label, clip.speaker or "") for clip in corpus.clips)
    selection = sorted(
        (Path(clip.name).name, clip.emotion, clip.actor.replace("unknown", ""))
        for clip in to_own_set(find_labels(open_upload(files))).clips
    )
    trained = sorted((clip.name, clip.label, clip.speaker) for clip in finish(extract_files(files, "", "")).clips)
    answered = sorted(Path(clip_name).name for clip_name, _ in unpack(files, most=VISITOR.answered_clips).clips)
    assert scored == selection == trained
    assert answered == sorted(clip_name for clip_name, _, _ in scored)


def test_a_typed_label_counts_for_clips_in_a_single_folder(cases):
    files = uploaded(cases / "zips/zip_flat_in_wrapper.zip")
    labelled = find_labels(open_upload(files), label="tired")
    assert labelled.source == "typed" and [clip.label for clip in labelled.clips] == ["tired", "tired"]
    assert find_labels(open_upload(files)).clips == ()


def test_extract_reports_copies_in_one_line_and_ends_well(cases, tmp_path, capsys):
    case = cases / "ravdess/zip_ravdess_kaggle.zip"
    assert main(["extract", "--data", str(case), "--out", str(tmp_path / "t.parquet"), "--jobs", "1"]) == 0
    printed = capsys.readouterr()
    assert "8 clips" in printed.out
    assert sum("8 duplicates left out" in line for line in printed.err.splitlines()) == 1


def test_evaluate_scores_the_wav_files_of_crema_d(cases, capsys):
    assert main(["evaluate", "--data", str(cases / "cremad/cremad_repo"), "--corpus", "cremad"]) == 0
    assert "CREMA-D, answered by default: 4 clips" in capsys.readouterr().out


def test_evaluate_names_pointers_and_the_command_that_fetches_them(cases, capsys):
    assert main(["evaluate", "--data", str(cases / "cremad/cremad_lfs"), "--corpus", "cremad"]) == 1
    printed = capsys.readouterr()
    assert "Git LFS pointer" in printed.err and "`git lfs pull`" in printed.err and "Traceback" not in printed.err


def test_the_sample_of_nemo_is_read_from_its_table(nemo):
    with open_corpus(nemo) as corpus:
        assert corpus.source == "csv" and len(corpus.clips) == 53
        assert corpus.labels == ("angry", "fearful", "happy", "neutral", "sad", "surprised")
        assert len({clip.speaker for clip in corpus.clips}) == 9


def test_a_case_that_is_no_archive_is_one_sentence(cases):
    with pytest.raises(SerError, match="Git LFS pointer"):
        open_upload([("set.zip", (cases / "sentences/B_wav_lfs_pointer.wav").read_bytes())])
