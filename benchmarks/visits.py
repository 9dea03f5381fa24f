"""What visitors of the load test do: some give clips to Recognise and open Explore, others train a model."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from urllib.parse import urlencode

from benchmarks.connection import Connection
from benchmarks.protocol import DrivingError, Node, Page, now

TRAINING_SHARE = 0.2
UPLOADS_PER_VISIT = 3
SECONDS_TO_THINK = (1.0, 5.0)
SECONDS_BETWEEN_CLICKS = (2.0, 3.0)
# What a visitor who trains presses, over and over. Most clicks change a setting, which draws the whole page.
CONTROLS = ("setting", "setting", "setting", "setting", "pause", "resume")
# How the pages name what visitors use.
_UPLOAD_OPTION = "Upload"
_UPLOADER_KEY = "recognise_upload_0"
_ANSWER_CHART = "Probability of each emotion"
# Where a clip is unlike all that the model knows, the page offers this instead of the chart.
_GUESS = "Show the model’s guess"
_EXPLORE, _TRAIN_PATH = "Explore", "train"
_TRAIN_LABEL, _SKIP = "Train", "Skip to the settings"
_SETTING_KEY, _SETTING_NAME = "train_balanced", "balanced"
_PAUSE, _RESUME, _STOP = "Pause", "Resume", "Stop"


@dataclass(frozen=True)
class Plan:
    """When a visitor arrives, in seconds from the start, whether he trains, and the seed of what he does."""

    number: int
    arrival: float
    trains: bool
    seed: int


def schedule(visitors: int, arrival_seconds: float, seed: int) -> list[Plan]:
    """Return a plan for each visitor, the first to arrive first; a fifth of them train."""
    rng = random.Random(seed)
    training = set(rng.sample(range(visitors), round(visitors * TRAINING_SHARE)))
    arrivals = sorted(rng.uniform(0.0, arrival_seconds) for _ in range(visitors))
    return [Plan(number, arrival, number in training, rng.randrange(2**32)) for number, arrival in enumerate(arrivals)]


@dataclass
class Record:
    """What the visitors met.

    Attributes:
        seconds: action → how long each took.
        errors: a sentence for each action that failed.
        log: for each action that ended well when it began in seconds of the clock, visitor, action and its seconds.
        sessions: for each visit whether it had no error.
        answers: visitor → answers with text and chart.
        clicks: visitor → clicks beside a training that had an effect.
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)
    log: list[tuple[float, int, str, float]] = field(default_factory=list)
    sessions: list[bool] = field(default_factory=list)
    answers: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    clicks: dict[int, int] = field(default_factory=lambda: defaultdict(int))


class Visitor:
    """One visitor, who comes again and again until the time is over."""

    def __init__(
        self,
        plan: Plan,
        record: Record,
        clip: Callable[[int], bytes],
        connect: Callable[[], Connection],
        over: Callable[[], bool],
        training: dict[str, str] | None = None,
    ) -> None:
        """Prepare a visitor.

        `clip` gives the visitor's own clips by number, `over` says when to begin nothing any more, and `training` are
        the parameters with which Train is opened.
        """
        self._plan, self._record, self._clip, self._connect, self._over = plan, record, clip, connect, over
        self._query = urlencode(training or {})
        self._rng, self._clips, self._action = random.Random(plan.seed), 0, ""

    async def come_and_go(self) -> None:
        """Arrive, and visit the app until the time is over."""
        await asyncio.sleep(self._plan.arrival)
        while True:
            await self.visit()
            if not self._over():
                await self._think(SECONDS_TO_THINK)
            if self._over():
                return

    async def visit(self) -> None:
        """Visit the app once; an error ends the visit and is recorded."""
        connection = self._connect()
        try:
            await (self._train(connection) if self._plan.trains else self._recognise(connection))
            self._record.sessions.append(True)
        except DrivingError as error:
            self._record.sessions.append(False)
            self._record.errors.append(f"Visitor {self._plan.number + 1}, {self._action}: {error}")
        finally:
            await connection.close()

    async def _timed(self, action: str, work: Awaitable[float]) -> None:
        """Await an action, and record the seconds that it took."""
        began, self._action = now(), action
        seconds = await work
        self._record.seconds[action].append(seconds)
        self._record.log.append((began, self._plan.number, action, seconds))

    async def _recognise(self, connection: Connection) -> None:
        """Open the app, give three clips, look at Explore."""
        await self._timed("open", open_page(connection))
        await self._timed("choose upload", choose_upload(connection))
        for upload in range(UPLOADS_PER_VISIT):
            if upload:
                await self._timed("remove", remove_clip(connection))
            # The number keeps the clips of visitors apart.
            name, data = f"clip{self._plan.number}x{self._clips}", self._clip(self._clips)
            self._clips += 1
            await self._timed("answer", answer(connection, name, data))
            self._record.answers[self._plan.number] += 1
            await self._timed("answer to whole page", whole_page(connection))
            if not self._over():
                await self._think(SECONDS_TO_THINK)
            if self._over():
                return
        await self._timed("explore", explore(connection))

    async def _train(self, connection: Connection) -> None:
        """Open Train, start the training, and press a control every few seconds; start again when it is over."""
        await self._timed("open Train", open_page(connection, _TRAIN_PATH, self._query))
        await skip_guide(connection)
        await self._timed("start training", start_training(connection))
        pressed, just_started = 0, True
        while True:
            await self._think(SECONDS_BETWEEN_CLICKS)
            if not (just_started or training_now(connection.page)):
                await self._timed("start training", start_training(connection))
                just_started = True
                continue
            control = CONTROLS[pressed % len(CONTROLS)]
            pressed, just_started = pressed + 1, False
            if await self._click(connection, control) and self._over():
                return

    async def _click(self, connection: Connection, control: str) -> bool:
        """Press a control, and return whether it was there: a training may end at any moment."""
        button = connection.page.find("button", label=_PAUSE if control == "pause" else _RESUME)
        if control == "setting":
            when = "training" if training_now(connection.page) else "trained"
            await self._timed(f"click while {when}", change_setting(connection))
        elif button is None or button.content.disabled:
            return False
        else:
            await self._timed("pause or resume", press(connection, button, _RESUME if control == "pause" else _PAUSE))
        self._record.clicks[self._plan.number] += 1
        return True

    async def _think(self, seconds: tuple[float, float]) -> None:
        await asyncio.sleep(self._rng.uniform(*seconds))


async def open_page(connection: Connection, path: str = "", query: str = "") -> float:
    """Open a page of the app, and return the seconds until it is complete."""
    started = now()
    await connection.open(path, query)
    _check(connection.page, started)
    return now() - started


async def choose_upload(connection: Connection) -> float:
    """Choose to upload, and return the seconds until the uploader is there."""
    started = now()
    await connection.choose(connection.page.need("button_group", option=_UPLOAD_OPTION), _UPLOAD_OPTION)
    await connection.until(
        lambda page: page.find("file_uploader", key=_UPLOADER_KEY) and not page.running, "the uploader of Recognise"
    )
    return now() - started


async def answer(connection: Connection, name: str, data: bytes) -> float:
    """Upload a clip, and return the seconds from its first byte until the answer's text and chart have arrived.

    Where the page gives no emotion unasked, the switch that shows it counts as the chart.
    """
    page = connection.page
    uploader = page.need("file_uploader", key=_UPLOADER_KEY)
    titles = {node.text for node in page.all("heading")}
    started = now()
    await connection.upload(uploader, f"{name}.wav", data)

    def parts() -> list[Node | None]:
        """The answer's title, which was not there before, a text that names the clip, and the chart or the switch."""
        shown = [node for node in page.all("plotly_chart", since=started) if _ANSWER_CHART in node.text]
        return [
            next((node for node in page.all("heading", since=started) if node.text not in titles), None),
            next((node for node in page.all("markdown", since=started) if name in node.text), None),
            next(iter(shown), None) or next((n for n in page.all("checkbox", since=started) if n.text == _GUESS), None),
        ]

    await connection.until(lambda _: page.refusal(started) or all(parts()), "an answer's text and chart")
    _check(page, started)
    return max(node.arrived for node in parts()) - started


async def whole_page(connection: Connection) -> float:
    """Return the seconds from the answer until the page below it is complete too."""
    started = now()
    await connection.until(lambda page: not page.running, "the end of an answer's page")
    _check(connection.page, started)
    return now() - started


async def remove_clip(connection: Connection) -> float:
    """Remove the uploaded clip, and return the seconds until its answer is gone."""
    started = now()
    await connection.remove(connection.page.need("file_uploader", key=_UPLOADER_KEY))
    await connection.until(
        lambda page: (
            not page.running
            and not any(_ANSWER_CHART in node.text for node in page.all("plotly_chart"))
            and not page.find("checkbox", label=_GUESS)
        ),
        "the page without its last answer",
    )
    return now() - started


async def explore(connection: Connection) -> float:
    """Go to Explore, and return the seconds until it is complete with its charts."""
    started, runs = now(), connection.page.full_runs
    await connection.go_to(_EXPLORE)
    await connection.complete("the page Explore", runs)
    _check(connection.page, started)
    connection.page.need("plotly_chart")
    return now() - started


async def skip_guide(connection: Connection) -> None:
    """Leave the guided first run of Train, if the page shows it, for the settings."""
    if (skip := connection.page.find("button", label=_SKIP)) is not None:
        await connection.click(skip)
        await connection.until(
            lambda page: page.find("button", label=_TRAIN_LABEL) and not page.running, "the settings of Train"
        )


async def start_training(connection: Connection) -> float:
    """Start the training that the page offers, and return the seconds until it can be stopped."""
    started, runs = now(), connection.page.full_runs
    await connection.click(connection.page.need("button", label=_TRAIN_LABEL))
    # A short training may be over before the page shows it, which then is complete without a button to stop it.
    await connection.until(
        lambda page: (
            page.refusal(started) or (not page.running and (page.full_runs > runs or page.find("button", label=_STOP)))
        ),
        "a training under way",
    )
    _check(connection.page, started)
    return now() - started


def training_now(page: Page) -> bool:
    """Return whether a training is under way: meanwhile no other one can be started."""
    return bool(page.need("button", label=_TRAIN_LABEL).content.disabled)


async def change_setting(connection: Connection) -> float:
    """Move a toggle among the settings, and return the seconds until the page says what was changed, or no more."""

    def named(page: Page) -> bool:
        return any(_SETTING_NAME in node.text for node in page.all("markdown"))

    started, before = now(), named(connection.page)
    await connection.switch(connection.page.need("checkbox", key=_SETTING_KEY))
    await connection.until(
        lambda page: page.refusal(started) or named(page) != before, f"the change of the setting “{_SETTING_NAME}”"
    )
    _check(connection.page, started)
    return now() - started


async def press(connection: Connection, button: Node, other: str) -> float:
    """Press a button that another one replaces, and return the seconds until this other one is there."""
    started = now()
    await connection.click(button)
    # A training that ended meanwhile has neither button.
    await connection.until(lambda page: page.find("button", label=other) or not training_now(page), f"“{other}”")
    return now() - started


async def rehearse(connect: Callable[[], Connection], clips: Iterable[bytes]) -> dict[str, float]:
    """Be the first visitor of a fresh server, look at everything that visitors use, and return some seconds."""
    connection, seconds = connect(), {}
    try:
        seconds["open"] = await open_page(connection)
        await choose_upload(connection)
        for number, data in enumerate(clips):
            if number:
                await remove_clip(connection)
            seconds.setdefault("answer", await answer(connection, f"first{number}", data))
            await whole_page(connection)
        seconds["explore"] = await explore(connection)
    finally:
        await connection.close()
    connection = connect()
    try:
        await open_page(connection, _TRAIN_PATH)
        await skip_guide(connection)
        connection.page.need("button", label=_TRAIN_LABEL)
        await change_setting(connection)
    finally:
        await connection.close()
    return seconds


def connector(address: str, executor: Executor, patience: float) -> Callable[[], Connection]:
    """Return a function that prepares a new visit."""
    return lambda: Connection(address, executor, patience)


def _check(page: Page, since: float) -> None:
    """Raise a `DrivingError` with the error that the page shows."""
    if (sentence := page.refusal(since)) is not None:
        raise DrivingError(f"The page shows an error: {sentence}")
