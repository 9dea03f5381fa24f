"""Published sets of emotional speech: one entry each, with all that this package knows of it.

To add a set, add an entry to `DATA_SETS`. Uploads, `ser evaluate --data` and `ser extract` then recognise its file
names. A visitor's folder or CSV is read by `ser.data.labels`, which gives the same kind of clips.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ser.data.naming import NamedClip, Naming, PatternNaming, RavdessNaming, without_copy_marks
from ser.errors import DatasetError

#: What `FeatureTable.corpora` calls the clips of a visitor or of somebody's own folder or CSV.
OWN = "own"
_FIRST_OWN, _ENOUGH_OWN, _MORE_OWN = 101, 100, 1001


@dataclass(frozen=True)
class Repository:
    """Where on GitHub a data set is published.

    Attributes:
        name: owner and name of the repository.
        branch: that is fetched.
        folder: with the recordings.
        beside: files beside the folder that are fetched too.
        megabytes: about how much is fetched.
    """

    name: str
    branch: str
    folder: str
    beside: tuple[str, ...]
    megabytes: int


@dataclass(frozen=True)
class DataSet:
    """One published set.

    Attributes:
        key: its name on the command line and in tables.
        title: its name in sentences.
        authors: who made it, as the attribution names them.
        language: that is spoken.
        n_clips: how many clips were published.
        speakers: name of each speaker → "male", "female", or "" where the sex is not listed here; in the order of
            their numbers.
        first_actor: number of the first speaker in feature tables; those of the others follow. No two sets share a
            number, nor do speakers of own clips (`own_actor`).
        licence: of the recordings.
        citation: the paper.
        url: where it is published.
        may_ship: whether the licence lets numbers that are computed from it be shipped with this package.
        naming: the rule of its file names.
        per_emotion: how many clips of each speaker and emotion a feature table holds by default; None for all.
        transcripts: name of the published table of clips that has the sentences; "" if there is none.
        repository: from which `ser.data.downloads.repository` can fetch it; None where it is not on GitHub.
        development: whether it chose between ways to train the shipped model, so that a score on it is no test.
    """

    key: str
    title: str
    authors: str
    language: str
    n_clips: int
    speakers: dict[str, str]
    first_actor: int
    licence: str
    citation: str
    url: str
    may_ship: bool
    naming: Naming
    per_emotion: int | None = None
    transcripts: str = ""
    repository: Repository | None = None
    development: bool = False

    @property
    def emotions(self) -> tuple[str, ...]:
        """Its emotions by our labels, in the order of `ser.emotions.LABELS`, then those that we do not know."""
        return self.naming.labels

    @property
    def attribution(self) -> str:
        """The sentence that stands wherever something computed from it is shown or shipped."""
        return f"Data: {self.title} by {self.authors}, {self.url}, licensed under {self.licence}."

    @property
    def actors(self) -> tuple[int, ...]:
        """Numbers of its speakers in feature tables."""
        return tuple(range(self.first_actor, self.first_actor + len(self.speakers)))

    def actor(self, speaker: str) -> int:
        """The number of a speaker in feature tables; `DatasetError` if the set has no such speaker."""
        if speaker not in self.speakers:
            raise DatasetError(f"{self.title} has no speaker {speaker!r}; it has {', '.join(self.speakers)}.")
        return self.first_actor + list(self.speakers).index(speaker)

    def speaker(self, actor: int) -> str:
        """The name of a speaker from the number in feature tables; `DatasetError` if the set has no such number."""
        if actor not in self.actors:
            raise DatasetError(f"{self.title} has no actor {actor}; it has {self.actors[0]} to {self.actors[-1]}.")
        return list(self.speakers)[actor - self.first_actor]

    def read_name(self, path: str) -> NamedClip | None:
        """What a path says about its clip; None if it does not follow the set's rule."""
        named = self.naming.read(without_copy_marks(path))
        if named is None:
            return None
        sex = named.sex or self.speakers.get(named.speaker, "")
        return replace(named, identity=(self.key, *named.identity), sex=sex)

    def missing_clips(self, count: int) -> list[str]:
        """A report on how much of the set is here, unless all is."""
        return [f"{count:,} of the {self.n_clips:,} clips of {self.title} are here."] if count < self.n_clips else []


RAVDESS = DataSet(
    key="ravdess",
    title="RAVDESS",
    authors="Steven R. Livingstone and Frank A. Russo",
    language="English",
    n_clips=1440,
    speakers={f"{actor:02d}": "male" if actor % 2 else "female" for actor in range(1, 25)},
    first_actor=1,
    licence="CC BY-NC-SA 4.0",
    citation=(
        "Livingstone SR, Russo FA (2018). The Ryerson Audio-Visual Database of Emotional Speech and Song (RAVDESS): "
        "A dynamic, multimodal set of facial and vocal expressions in North American English. PLoS ONE 13(5): "
        "e0196391. https://doi.org/10.1371/journal.pone.0196391"
    ),
    url="https://doi.org/10.5281/zenodo.1188976",
    may_ship=True,
    naming=RavdessNaming(),
)

NEMO = DataSet(
    key="nemo",
    title="nEMO",
    authors="Iwona Christop",
    language="Polish",
    n_clips=4481,
    speakers={
        "EB0": "female",
        "IC0": "female",
        "KD0": "female",
        "KS0": "male",
        "MK0": "female",
        "MP0": "male",
        "SM0": "male",
        "TP0": "male",
        "WR0": "male",
    },
    first_actor=201,
    licence="CC BY-NC-SA 4.0",
    citation=(
        "Christop I (2024). nEMO: Dataset of Emotional Speech in Polish. LREC-COLING 2024, 12111–12116. "
        "https://aclanthology.org/2024.lrec-main.1059"
    ),
    url="https://github.com/amu-cai/nEMO",
    may_ship=True,
    naming=PatternNaming.make(
        "WR0_surprised_64.wav",
        r"(?P<speaker>[a-z]{2}\d)_(?P<clip>(?P<emotion>anger|fear|happiness|neutral|sadness|surprised)"
        r"_(?P<statement>\d{1,2}))",
        "anger=angry fear=fearful happiness=happy neutral=neutral sadness=sad surprised=surprised",
    ),
    per_emotion=10,
    transcripts="data.tsv",
    repository=Repository("amu-cai/nEMO", "main", "samples", ("data.tsv", "LICENSE", "README.md"), 500),
)

CREMAD = DataSet(
    key="cremad",
    title="CREMA-D",
    authors="Houwei Cao, David G. Cooper, Michael K. Keutmann, Ruben C. Gur, Ani Nenkova and Ragini Verma",
    language="English",
    n_clips=7442,
    speakers=dict.fromkeys(map(str, range(1001, 1092)), ""),
    first_actor=301,
    licence="ODbL 1.0",
    citation=(
        "Cao H, Cooper DG, Keutmann MK, Gur RC, Nenkova A, Verma R (2014). CREMA-D: Crowd-sourced Emotional Multimodal "
        "Actors Dataset. IEEE Transactions on Affective Computing 5(4), 377–390. "
        "https://doi.org/10.1109/TAFFC.2014.2336244"
    ),
    url="https://github.com/CheyneyComputerScience/CREMA-D",
    may_ship=True,
    naming=PatternNaming.make(
        "1001_DFA_ANG_XX.wav",
        # One clip is published with the intensity X.
        r"(?P<speaker>1\d{3})_(?P<clip>[a-z]{3}_(?P<emotion>ang|dis|fea|hap|neu|sad)_(?:lo|md|hi|xx?))",
        "ang=angry dis=disgust fea=fearful hap=happy neu=neutral sad=sad",
    ),
    repository=Repository("CheyneyComputerScience/CREMA-D", "master", "AudioWAV", ("LICENSE.txt", "README.md"), 600),
)

EMODB = DataSet(
    key="emodb",
    title="EMO-DB",
    authors="Felix Burkhardt, Astrid Paeschke, Miriam Rolfes, Walter F. Sendlmeier and Benjamin Weiss",
    language="German",
    n_clips=535,
    speakers={
        "03": "male",
        "08": "female",
        "09": "female",
        "10": "male",
        "11": "male",
        "12": "male",
        "13": "female",
        "14": "female",
        "15": "male",
        "16": "female",
    },
    first_actor=401,
    licence="the terms of its page",
    citation=(
        "Burkhardt F, Paeschke A, Rolfes M, Sendlmeier WF, Weiss B (2005). A database of German emotional speech. "
        "Interspeech 2005, 1517–1520. https://doi.org/10.21437/Interspeech.2005-446"
    ),
    url="http://emodb.bilderbar.info",
    may_ship=False,
    naming=PatternNaming.make(
        "03a01Fa.wav",
        r"(?P<speaker>\d\d)(?P<clip>[a-z]\d\d(?P<emotion>[wleaftn])[a-z])",
        "w=angry l=bored e=disgust a=fearful f=happy t=sad n=neutral",
    ),
    development=True,
)

SAVEE = DataSet(
    key="savee",
    title="SAVEE",
    authors="Sanaul Haq and Philip J. B. Jackson",
    language="English",
    n_clips=480,
    speakers=dict.fromkeys(("DC", "JE", "JK", "KL"), "male"),
    first_actor=421,
    licence="research use only",
    citation=(
        "Haq S, Jackson PJB (2009). Speaker-dependent audio-visual emotion recognition. International Conference on "
        "Auditory-Visual Speech Processing (AVSP), 53–58."
    ),
    url="http://kahlan.eps.surrey.ac.uk/savee/",
    may_ship=False,
    naming=PatternNaming.make(
        "DC/a01.wav or DC_a01.wav",
        r"(?P<speaker>DC|JE|JK|KL)[/_](?P<clip>(?P<emotion>sa|su|a|d|f|h|n)\d\d)",
        "a=angry d=disgust f=fearful h=happy n=neutral sa=sad su=surprised",
    ),
)

TESS = DataSet(
    key="tess",
    title="TESS",
    authors="M. Kathleen Pichora-Fuller and Kate Dupuis",
    language="English",
    n_clips=2800,
    speakers={"OA": "female", "YA": "female"},
    first_actor=431,
    licence="CC BY-NC-ND 4.0",
    citation=(
        "Pichora-Fuller MK, Dupuis K (2020). Toronto emotional speech set (TESS). Borealis. "
        "https://doi.org/10.5683/SP2/E8H2MF"
    ),
    url="https://doi.org/10.5683/SP2/E8H2MF",
    may_ship=False,
    naming=PatternNaming.make(
        "OAF_back_angry.wav",
        # One clip of the older speaker is published as OA_bite_neutral.
        r"(?P<speaker>OA|YA)F?_(?P<clip>[a-z]+_(?P<emotion>angry|disgust|fear|happy|neutral|ps|sad))",
        "angry=angry disgust=disgust fear=fearful happy=happy neutral=neutral ps=surprised sad=sad",
    ),
)

DATA_SETS: dict[str, DataSet] = {each.key: each for each in (RAVDESS, EMODB, SAVEE, TESS, CREMAD, NEMO)}
"""Key → entry."""

#: Data sets whose feature tables are shipped.
SHIPPED_CORPORA: tuple[str, ...] = (RAVDESS.key, NEMO.key)


def data_set(key: str) -> DataSet:
    """The entry of a data set; `DatasetError` if there is none of that name.

    Examples:
        >>> data_set("nemo").language, data_set("nemo").actor("WR0")
        ('Polish', 209)
    """
    if key not in DATA_SETS:
        raise DatasetError(f"There is no data set {key!r}; choose one of {', '.join(DATA_SETS)}.")
    return DATA_SETS[key]


def own_actor(index: int) -> int:
    """The number of a speaker of own clips in feature tables, from the speaker's position among them.

    No speaker of a published data set has it.

    Examples:
        >>> own_actor(0), own_actor(99), own_actor(100)
        (101, 200, 1001)
    """
    return _FIRST_OWN + index if index < _ENOUGH_OWN else _MORE_OWN + index - _ENOUGH_OWN


def corpora_of(actors: Iterable[int]) -> tuple[str, ...]:
    """Keys of the data sets that speakers are of, given by their numbers in feature tables.

    Examples:
        >>> corpora_of([3, 201, 101, 4])
        ('ravdess', 'nemo')
    """
    numbers = set(actors)
    return tuple(key for key, each in DATA_SETS.items() if numbers & set(each.actors))


def credits(corpora: Iterable[str]) -> dict[str, str]:
    """Attribution, citation and licence of what is computed from data sets; keys without an entry are passed over."""
    used = [DATA_SETS[corpus] for corpus in dict.fromkeys(corpora) if corpus in DATA_SETS]
    return {
        "attribution": " ".join(each.attribution for each in used),
        "citation": " ".join(each.citation for each in used),
        "licence": "; ".join(dict.fromkeys(each.licence for each in used)),
    }


def recognised(paths: Sequence[str]) -> DataSet | None:
    """The data set whose rule fits at least half of the paths, and more than any other's; None if there is none.

    Examples:
        >>> recognised(["03a01Fa.wav", "08b02Wc.wav", "notes.wav"]).title, recognised(["a.wav"])
        ('EMO-DB', None)
    """
    fits = {key: sum(each.read_name(path) is not None for path in paths) for key, each in DATA_SETS.items()}
    best = max(fits, key=fits.__getitem__)
    return DATA_SETS[best] if fits[best] and 2 * fits[best] >= len(paths) else None
