"""Owns the form of feedback: two thumbs, and reasons where an answer was not useful."""

from assistant.feedback import REASONS
from assistant.interfaces.chat.html import Html, button, tag
from assistant.interfaces.chat.view import View


def feedback_form(view: View, answer: str) -> Html:
    """Return the question whether the answer was useful, or thanks where it was answered."""
    if view.rated is not None:
        thanks = tag("span", view.say("thanks"), role="status")
        return tag("div", thanks, class_="am-feedback")
    up = button(view.say("useful_yes"), "am-thumb am-up", do="rate", answer=answer, liked="yes")
    down = button(view.say("useful_no"), "am-thumb am-down", toggle="reasons")
    asked = tag("span", view.say("useful"))
    return tag("div", asked, up, down, _reasons(view, answer), class_="am-feedback")


def _reasons(view: View, answer: str) -> Html:
    choices = [
        tag(
            "label",
            tag("input", type="radio", name="reason", value=reason, required=True),
            view.say(f"reason_{reason}"),
            class_="am-reason",
        )
        for reason in REASONS
    ]
    comment = tag("textarea", name="comment", rows=2, maxlength=2000,
                  placeholder=view.say("comment"), aria_label=view.say("comment"))  # fmt: skip
    send = tag("button", view.say("send"), type="submit", class_="am-button am-first")
    title = tag("legend", view.say("what_was_wrong"))
    return tag(
        "form", tag("fieldset", title, *choices), comment, send, class_="am-form", hidden=True,
        data_do="rate", data_answer=answer, data_liked="no",
    )  # fmt: skip
