"""Owns the page's layout: chat on the left, the card beside it, action items in a second tab."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.insights.figures import format_day
from assistant.interfaces.chat.bubbles import asked, failed, greeting, thinking, told
from assistant.interfaces.chat.card import card
from assistant.interfaces.chat.commands import LONGEST_QUESTION, Ask, Command, read_command
from assistant.interfaces.chat.handlers import Desk, carry_out
from assistant.interfaces.chat.html import EMPTY, Html, tag
from assistant.interfaces.chat.items import item_list
from assistant.interfaces.chat.served import explain
from assistant.interfaces.chat.visits import Asked, Failed, Told, Visit
from assistant.interfaces.chat.welcome import welcome
from assistant.interfaces.chat.words import browser_language, say, translations
from executors.executor import ExecutorError
from metric_catalog.model.definition import Language

COOKIE = "askmetric"
HERE = Path(__file__).parent
DOOR = "window.askmetricDoor = (data) => trigger('click', data);"
"""The one way from a click in our markup to a handler (see page.js)."""
CHINESE = "Askmetric Chinese"
FONTS = ("system-ui", CHINESE, "sans-serif")
FONT_PATH = "/font/chinese.otf"
FONT_FACE = (
    f"@font-face{{font-family:'{CHINESE}';font-display:swap;"
    "src:local('PingFang SC'),local('Microsoft YaHei'),local('Noto Sans CJK SC'),"
    f"local('Noto Sans SC'),local('Source Han Sans SC'),url({FONT_PATH}) format('opentype');"
    "unicode-range:U+2E80-9FFF,U+F900-FAFF,U+FF00-FFEF,U+20000-2FA1F}"
)
"""Chinese is drawn by the system's font; only where it has none, by the one of the charts."""
MONO = ("ui-monospace", "Menlo", "Consolas", "monospace")
AT_ONCE = 4
Update = tuple[Any, ...]


def theme() -> Any:
    """Return the theme: fonts of the system, the colours of the charts."""
    return gr.themes.Base(font=list(FONTS), font_mono=list(MONO))


def style() -> str:
    """Return the page's style sheet."""
    return (HERE / "page.css").read_text("utf-8")


def head() -> str:
    """Return what stands in the page's head: its script."""
    script = (HERE / "page.js").read_text("utf-8")
    return f"<style>{FONT_FACE}</style><script>{script}</script>"


def words() -> Any:
    """Return the texts that the browser translates itself."""
    return gr.I18n(**translations())


def build_page(desk: Desk, word: Any) -> Any:
    """Return the page as Blocks, its handlers private."""
    page = _Page(desk)
    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    with gr.Blocks(title="Askmetric", analytics_enabled=False, fill_width=True) as blocks:
        visit = gr.State(None)
        header = gr.HTML(elem_id="am-header", apply_default_css=False)
        with gr.Tabs(elem_id="am-pages"):
            with gr.Tab(word("page_ask"), id="ask"), gr.Row(elem_id="am-ask"):
                with gr.Column(elem_id="am-left"):
                    chat = gr.Chatbot(
                        elem_id="am-chat", label=word("chat"), show_label=False, buttons=[],
                        render_markdown=False, feedback_options=None, height="100%",
                        group_consecutive_messages=False, container=False,
                    )  # fmt: skip
                    box = gr.Textbox(
                        elem_id="am-box", label=word("question"), placeholder=word("placeholder"),
                        show_label=False, container=False, lines=1, max_lines=4, autofocus=True,
                        max_length=LONGEST_QUESTION, submit_btn=True,
                    )  # fmt: skip
                with gr.Column(elem_id="am-right"):
                    panel = gr.HTML(elem_id="am-panel", apply_default_css=False)
            with gr.Tab(word("page_actions"), id="actions") as actions:
                items = gr.HTML(elem_id="am-items", apply_default_css=False)
        door = gr.HTML(elem_id="am-door", js_on_load=DOOR)
        shown = [visit, chat, panel, items, header]
        blocks.load(page.open, None, shown, **private)
        box.submit(page.submit, [box, visit], [box, *shown], concurrency_limit=AT_ONCE, **private)
        door.click(page.click, [visit], shown, concurrency_limit=AT_ONCE, **private)
        actions.select(page.list_again, [visit], shown, **private)
    return blocks


class _Page:
    """The handlers of the page; each returns the visit's id and everything that is shown."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def open(self, request: gr.Request) -> Update:
        """Start a visit in the browser's language."""
        return self._shown(self._visit(None, request))

    def submit(self, text: str, key: str | None, request: gr.Request) -> Iterator[Update]:
        """Ask what was typed; the box is emptied at once."""
        visit = self._visit(key, request)
        if not text.strip():
            yield (text, *self._shown(visit))
            return
        box: Any = ""
        for shown in self._run(visit, Ask(text.strip()[:LONGEST_QUESTION])):
            yield (box, *shown)
            box = gr.skip()  # what is typed while the answer is on its way stays

    def click(self, key: str | None, event: gr.EventData, request: gr.Request) -> Iterator[Update]:
        """Carry out what a button of our markup stands for."""
        visit = self._visit(key, request)
        data = event._data
        command = read_command(data) if isinstance(data, dict) else None
        if command is None:
            yield self._shown(visit)
            return
        yield from self._run(visit, command)

    def list_again(self, key: str | None, request: gr.Request) -> Update:
        """Show the action items as they are now."""
        return self._shown(self._visit(key, request))

    def _visit(self, key: str | None, request: gr.Request) -> Visit:
        default = self.desk.served.assistant.project.settings.language.default
        language = browser_language(request.headers.get("accept-language", ""), default)
        known = self.desk.visits.find(key)
        return known or self.desk.open(language, request.cookies.get(COOKIE, ""))

    def _run(self, visit: Visit, command: Command) -> Iterator[Update]:
        for _ in carry_out(self.desk, visit, command):
            yield self._shown(visit)

    def _shown(self, visit: Visit) -> Update:
        language = visit.language
        return (
            visit.id,
            self._messages(visit),
            self._panel(visit),
            self._items(language),
            _header(self.desk, language),
        )

    def _messages(self, visit: Visit) -> list[dict[str, Any]]:
        shown = [_bubble("assistant", greeting(visit.language))]
        for message in visit.messages:
            match message:
                case Asked(text):
                    shown.append(_bubble("user", asked(text)))
                case Failed(text):
                    shown.append(_bubble("assistant", failed(text)))
                case Told(answer):
                    view = self.desk.view(visit, answer)
                    if view is not None:
                        shown.append(_bubble("assistant", told(view)))
        if visit.messages and isinstance(visit.messages[-1], Asked):
            shown.append(_bubble("assistant", thinking(visit.language)))
        return shown

    def _panel(self, visit: Visit) -> Html:
        view = self.desk.view(visit, visit.shown) if visit.shown else None
        return card(view) if view else welcome(self.desk.served.catalog, visit.language)

    def _items(self, language: Language) -> Html:
        served = self.desk.served
        try:
            return item_list(self.desk.items(), served.labels(language), served.as_of)
        except ExecutorError as error:
            return failed(explain(error, language))


def _bubble(role: str, content: Html) -> dict[str, Any]:
    return {"role": role, "content": gr.HTML(str(content), apply_default_css=False)}


def _header(desk: Desk, language: Language) -> Html:
    served = desk.served
    day = format_day(served.as_of, language)
    problem = served.problem
    warning = EMPTY
    if problem is not None:
        text = say(language, "kept_short")
        warning = tag("span", text, class_="am-kept", title=explain(problem, language))
    return tag(
        "header",
        tag("strong", "Askmetric", class_="am-brand"),
        tag("span", served.assistant.project.settings.name, class_="am-project"),
        warning,
        tag("span", say(language, "as_of", day=day), class_="am-asof"),
        data_ask_label=say(language, "send_question"),
    )
