"""The chat page in a browser: asked in both languages, accepted, restarted, hostile, narrow."""

import re
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Watched, serving

pytestmark = pytest.mark.browser
Browse = Callable[..., Watched]
PICTURE = "#am-panel img.am-chart"
PHONE = 390


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def address(chromium: Any, served_shop: Path, state: Path) -> Any:
    with serving(served_shop, state) as given:
        yield given


def drawn(page: Any) -> tuple[int, str]:
    """The width of the picture in pixels and its alt text."""
    picture = page.locator(PICTURE)
    picture.wait_for()
    page.wait_for_function("s => document.querySelector(s).complete", arg=PICTURE)
    return picture.evaluate("image => image.naturalWidth"), picture.get_attribute("alt")


@pytest.mark.parametrize(
    ("locale", "question", "word"),
    [("zh-CN", "上个月复购率为什么下降", "复购率"), ("en-US", "GMV by channel last month", "GMV")],
)
def test_a_question_gets_a_card_with_a_chart(
    browse: Browse, address: str, locale: str, question: str, word: str
) -> None:
    watched = browse(address, locale)
    watched.ask(question)
    page = watched.page
    assert word in page.locator("#am-panel .am-headline").inner_text()
    width, alt = drawn(page)
    assert width > 0 and word in alt
    assert page.locator("#am-panel .am-follow").count() == 3
    for tab in page.locator("#am-panel .am-tab").all():
        tab.click()
        pane = page.locator(f"#{tab.get_attribute('aria-controls')}")
        assert pane.is_visible() and pane.inner_text().strip()
    watched.assert_clean()


def test_what_is_typed_meanwhile_stays(browse: Browse, address: str) -> None:
    watched = browse(address)
    page = watched.page
    told = page.locator("#am-chat .am-told")
    page.fill("#am-box textarea", "why did repurchase rate drop last month")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('#am-box textarea').value === ''")
    page.fill("#am-box textarea", "and by city")
    told.first.wait_for()
    page.wait_for_timeout(500)  # later updates of the same turn
    assert page.locator("#am-box textarea").input_value() == "and by city"
    watched.assert_clean()


def test_the_page_speaks_the_browsers_language(browse: Browse, address: str) -> None:
    pages = [browse(address, locale).page for locale in ("zh-CN", "en-US")]
    heads = [page.locator("#am-pages [role=tab]").all_inner_texts() for page in pages]
    assert heads == [["提问", "行动项"], ["Ask", "Action items"]]
    titles = [page.locator("#am-panel .am-headline").inner_text() for page in pages]
    assert re.search("[一-鿿]", titles[0]) and not re.search("[一-鿿]", titles[1])


def test_chips_and_examples_ask_with_one_click(browse: Browse, address: str) -> None:
    watched = browse(address)
    page = watched.page
    page.locator(".am-example").first.click()
    page.locator("#am-panel .am-chip-period summary").click()
    first = page.locator("#am-panel .am-card").get_attribute("data-answer")
    page.locator("#am-panel .am-chip-period .am-choice", has_text="last quarter").click()
    page.locator(f"#am-panel .am-card:not([data-answer='{first}'])").wait_for()
    assert "2026" in page.locator("#am-panel .am-chip-period .am-chip-value").inner_text()
    page.locator("#am-panel .am-chip-period summary").click()
    page.locator("#am-panel .am-chip-period .am-own").click()
    assert page.locator("#am-box textarea").input_value()
    watched.assert_clean()


def test_nothing_in_a_question_runs(browse: Browse, address: str) -> None:
    watched = browse(address)
    page = watched.page
    for text in (
        "<script>window.ran = 1</script><img src=x onerror='window.ran = 2'> GMV last month",
        "GMV {{constructor}} ${window.ran = 3} `x` ![a](http://example.com/a.png) last month",
    ):
        watched.ask(text)
        assert page.locator(".am-asked").last.inner_text() == text
    assert page.evaluate("window.ran") is None
    watched.assert_clean()


def test_two_browsers_do_not_see_each_other(browse: Browse, address: str) -> None:
    first, second = browse(address), browse(address)
    first.ask("GMV last month")
    second.ask("orders last month")
    asked = [watched.page.locator(".am-asked").all_inner_texts() for watched in (first, second)]
    assert asked == [["GMV last month"], ["orders last month"]]
    file = first.page.locator("a.am-file").first
    link = file.evaluate("link => link.href")
    assert first.page.request.get(link).status == 200
    assert second.page.request.get(link).status == 404


def test_an_answer_can_be_had_as_a_file(browse: Browse, address: str) -> None:
    watched = browse(address)
    watched.ask("上个月各渠道的成交额")
    starts = {"png": b"\x89PNG", "pptx": b"PK", "md": b"# "}
    for link in watched.page.locator("a.am-file").all():
        with watched.page.expect_download() as waiting:
            link.click()
        name, path = waiting.value.suggested_filename, waiting.value.path()
        start = starts.pop(name.rsplit(".", 1)[1])
        assert Path(path).read_bytes().startswith(start)
    assert starts == {}
    watched.assert_clean()


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_a_phone_needs_no_sideways_scrolling(browse: Browse, address: str, locale: str) -> None:
    watched = browse(address, locale, PHONE)
    page = watched.page
    widths = [page.evaluate("document.documentElement.scrollWidth")]
    watched.ask("why did repurchase rate drop last month")
    drawn(page)
    widths.append(page.evaluate("document.documentElement.scrollWidth"))
    figure = page.locator("#am-panel .am-figure")
    assert figure.evaluate("one => one.scrollWidth <= one.clientWidth")
    page.locator("#am-pages [role=tab]").nth(1).click()
    page.locator("#am-items .am-card").wait_for()
    widths.append(page.evaluate("document.documentElement.scrollWidth"))
    assert max(widths) <= PHONE
    watched.assert_clean()


OUTSIDE = """() => {
  const wide = document.documentElement.clientWidth;
  return [...document.querySelectorAll(".gradio-container *")].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width && box.height && one.checkVisibility() && (box.right > wide + 1 || box.left < -1);
  }).map((one) => `${one.tagName}.${one.className} ${one.innerText ?? ""}`.slice(0, 60));
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("wide", [PHONE, 320])
def test_nothing_stands_outside_a_phone(
    browse: Browse, address: str, wide: int, scheme: str
) -> None:
    locale, question = {
        "light": ("en-US", "why did repurchase rate drop last month"),
        "dark": ("zh-CN", "上个月各渠道订单数为什么变化"),
    }[scheme]
    watched = browse(address, locale, wide)
    page = watched.page
    page.emulate_media(color_scheme=scheme)
    assert page.evaluate(OUTSIDE) == []
    watched.ask(question)
    drawn(page)
    assert page.evaluate(OUTSIDE) == []
    for chip in page.locator("#am-panel .am-chip > summary").all():
        chip.click()
        assert page.locator("#am-panel .am-menu:visible").count() == 1
        assert page.evaluate(OUTSIDE) == []
    page.keyboard.press("Escape")
    tabs = page.locator("#am-panel .am-tab").all()
    assert len(tabs) == 5
    for tab in tabs:
        tab.click()
        box = tab.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= wide
    assert page.evaluate("document.documentElement.scrollWidth") <= wide
    watched.assert_clean()


def test_feedback_with_a_reason_is_thanked_for(browse: Browse, address: str) -> None:
    watched = browse(address)
    watched.ask("orders last month")
    page = watched.page
    page.locator(".am-down").click()
    page.locator(".am-reason input").first.check()
    page.locator(".am-feedback button[type=submit]").click()
    page.locator(".am-feedback [role=status]").wait_for()
    watched.assert_clean()


def test_only_this_machines_names_are_answered(address: str) -> None:
    request = urllib.request.Request(address, headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=60)
    assert refused.value.code == 403
    with urllib.request.urlopen(address, timeout=60) as answered:
        assert "default-src 'self'" in answered.headers["content-security-policy"]


def test_an_accepted_action_survives_a_restart(
    browse: Browse, served_shop: Path, tmp_path: Path
) -> None:
    question, state = "上个月复购率为什么下降", tmp_path / "state"
    with serving(served_shop, state) as address:
        watched = browse(address, "zh-CN")
        watched.ask(question)
        page = watched.page
        page.locator(".am-advice .am-first[data-do=accept]").first.click()
        page.locator(".am-advice-open").wait_for()
        page.get_by_role("button", name="查看行动项").click()
        title = page.locator("#am-items .am-item strong").first.inner_text()
        watched.assert_clean()
    with serving(served_shop, state) as address:
        watched = browse(address, "zh-CN")
        page = watched.page
        page.locator("#am-pages [role=tab]").nth(1).click()
        item = page.locator("#am-items .am-item")
        assert item.count() == 1 and title in item.inner_text()
        assert "repurchase_rate@2" in item.inner_text()
        item.locator("[data-do=finish]").click()
        page.locator("#am-items .am-item-done").wait_for()
        watched.assert_clean()


def test_a_recommendation_is_edited_on_the_card_and_again_among_the_actions(
    browse: Browse, served_shop: Path, tmp_path: Path
) -> None:
    words, later = "Call the <b>ten</b> largest buyers 先打电话", "Call all of them"
    with serving(served_shop, tmp_path / "state") as address:
        watched = browse(address)
        page = watched.page
        watched.ask("why did repurchase rate drop last month")
        advice = page.locator("#am-panel .am-advice").first
        form = advice.locator("form")
        assert form.is_hidden()
        advice.locator("[data-toggle=edit]").click()
        assert form.locator("[name=due]").input_value() > "2026-11-01"
        form.locator("[name=owner]").fill("Growth team")
        form.locator("[name=due]").fill("2026-12-24")
        form.locator("[name=words]").fill(words)
        form.locator("button[type=submit]").click()
        taken = page.locator("#am-panel .am-advice-open")
        taken.wait_for()
        assert "Growth team" in taken.inner_text() and "24 Dec 2026" in taken.inner_text()
        taken.get_by_role("button").click()
        item = page.locator("#am-items .am-item")
        assert item.count() == 1
        assert words in item.inner_text() and "Growth team" in item.inner_text()
        item.locator("[data-toggle=edit]").click()
        item.locator("[name=words]").fill(later)
        item.locator("form button[type=submit]").click()
        page.locator("#am-items .am-item", has_text=later).wait_for()
        watched.assert_clean()
    with serving(served_shop, tmp_path / "state") as address:
        page = browse(address).page
        page.locator("#am-pages [role=tab]").nth(1).click()
        item = page.locator("#am-items .am-item")
        assert all(t in item.inner_text() for t in (later, "Growth team", "24 Dec 2026"))


def test_a_dismissed_recommendation_can_still_be_accepted(
    browse: Browse, served_shop: Path, tmp_path: Path
) -> None:
    with serving(served_shop, tmp_path / "state") as address:
        watched = browse(address)
        watched.ask("why did repurchase rate drop last month")
        page = watched.page
        page.locator("#am-panel .am-advice [data-do=dismiss]").first.click()
        dismissed = page.locator("#am-panel .am-advice-dismissed")
        dismissed.wait_for()
        dismissed.locator("[data-do=accept]").first.click()
        page.locator("#am-panel .am-advice-open").wait_for()
        watched.assert_clean()
