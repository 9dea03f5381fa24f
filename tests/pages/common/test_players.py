"""Players in a real browser: clips of every format play on every page, and nothing claims sound where there is none."""

import io
import zipfile

import pytest
import soundfile

from tests.helpers import sounds
from tests.helpers.browser import choose, serving, settle

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SECONDS = 3.0
PLAYERS = "[data-testid=stAudio]"


def spoken(rate):
    return sounds.voice(SECONDS, rate)


# None of these plays in every browser.
FORMATS = {
    "aiff.aiff": lambda: sounds.file(spoken(16_000), 16_000, "AIFF"),
    "alac.m4a": lambda: sounds.ffmpeg_file(spoken(48_000), 48_000, "ipod", "alac"),
    "gsm.wav": lambda: sounds.file(spoken(8_000)[:24_000], 8_000, subtype="GSM610"),
    "adpcm.wav": lambda: sounds.file(spoken(16_000), 16_000, subtype="MS_ADPCM"),
    "joined.wav": lambda: sounds.file(spoken(16_000), 16_000) * 2,
}


def player_seconds(page, count):
    """Lengths in seconds of the players on the page, once the browser has read each of them to its end."""
    page.locator(PLAYERS).nth(count - 1).wait_for()
    settle(page)
    page.wait_for_function(
        "count => { const all = Array.from(document.querySelectorAll('" + PLAYERS + "'));"
        " return all.length === count && all.every(each => each.error || each.readyState >= 1); }",
        arg=count,
    )
    players = page.locator(PLAYERS).evaluate_all(
        "all => all.map(each => ({error: each.error && each.error.message, seconds: each.duration}))"
    )
    assert not any(each["error"] for each in players), players
    return [each["seconds"] for each in players]


def upload(page, path):
    page.locator("input[type=file]").set_input_files(path)


def test_own_clips_of_any_format_play_on_train(visit, tmp_path, cases):
    path = tmp_path / "clips.zip"
    wanted = dict.fromkeys(FORMATS, SECONDS) | {"amr.amr": 5.13, "joined.wav": 2 * SECONDS}
    with zipfile.ZipFile(path, "w") as out:
        for name, make in FORMATS.items():
            out.writestr(f"calm/{name}", make())
        out.writestr("happy/amr.amr", (cases / "formats/A_amr_nb.amr").read_bytes())
    page = visit("train?preset=fast")
    choose(page, "View", "My clips")
    page.get_by_text("No clips yet").wait_for()
    settle(page)
    upload(page, path)
    page.get_by_role("button", name=f"Add {len(wanted)} clips").click()
    page.get_by_text(f"With {len(wanted)} clips a score is rough").wait_for()
    settle(page)
    box, every = (
        page.get_by_role("combobox", name="Clips to hear, see or remove"),
        page.get_by_role("option", name="Select all"),
    )
    # While the table above is being drawn, the list may close again.
    for _ in range(20):
        box.press("ArrowDown")
        page.wait_for_timeout(500)
        if every.is_visible():
            break
    every.click()
    settle(page)
    page.keyboard.press("Escape")
    assert sorted(player_seconds(page, len(wanted))) == pytest.approx(sorted(wanted.values()), abs=0.15)


def test_own_clips_of_any_format_play_on_explore(visit, tmp_path, cases):
    path = tmp_path / "aiff_set.zip"
    path.write_bytes((cases / "players/aiff_set.zip").read_bytes())
    with zipfile.ZipFile(path) as archive:
        first = next(name for name in archive.namelist() if name.startswith("angry/"))
        wanted = soundfile.info(io.BytesIO(archive.read(first))).duration
    page = visit("explore")
    page.locator(".st-key-explore_source").get_by_role("combobox").click()
    page.get_by_role("option", name="My own", exact=True).click()
    settle(page)
    upload(page, path)
    page.get_by_role("button", name="Explore 4 clips").click()
    page.get_by_text("4 clips · ").wait_for(timeout=150_000)
    settle(page)
    choose(page, "View", "Clips")
    [seconds] = player_seconds(page, 1)
    assert seconds == pytest.approx(wanted, abs=0.05)
    page.locator("audio").evaluate("player => player.play()")
    page.wait_for_function("document.querySelector('audio').currentTime > 0.2")


def test_a_wrong_place_of_the_audio_is_for_the_log_and_visitors_do_without(chromium, tmp_path):
    log = tmp_path / "server.log"
    with serving(log, SER_RAVDESS=str(tmp_path / "nowhere.zip")) as address, chromium.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(60_000)
        seen = []
        page.goto(f"{address}/explore?explore_view=Clips")
        page.get_by_text("This recording is not on the server, only what was measured of it.").wait_for()
        page.get_by_role("heading", name="The same sentence in every emotion").wait_for()
        settle(page)
        seen.append(page.inner_text("body"))
        choose(page, "View", "Map")
        page.get_by_text("Click a point to see the clip.").wait_for()
        page.get_by_role("link", name="Train").click()
        page.get_by_role("button", name="Skip to the settings").click()
        page.get_by_text("The curves grow here").wait_for()
        page.get_by_role("button", name="Train", exact=True).click()
        page.get_by_text("Done after").wait_for()
        choose(page, "Look into", "Biggest mistakes")
        page.get_by_text("The recordings are not on this server, so they cannot be played.").wait_for()
        page.get_by_text("These are the first 6 of the 20 clips.").wait_for()
        settle(page)
        seen.append(page.inner_text("body"))
        assert page.locator("audio").count() == 0
        assert not any(word in text for text in seen for word in ("nowhere", "can be heard", str(tmp_path)))
    assert log.read_text().count("There is no RAVDESS audio at") == 1
