"""Owns the base of all definitions: frozen, closed to unknown keys, bilingual where people read."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Language = Literal["en", "zh"]
Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=120)]


class Definition(BaseModel):
    """A frozen part of a definition; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Text(Definition):
    """One text in both languages."""

    en: str = ""
    zh: str = ""

    def __getitem__(self, language: Language) -> str:
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)

    @property
    def both(self) -> tuple[str, str]:
        """The text of both languages, either may be empty."""
        return self.en, self.zh


class Words(Definition):
    """Several words or phrases per language."""

    en: tuple[str, ...] = ()
    zh: tuple[str, ...] = ()

    def __getitem__(self, language: Language) -> tuple[str, ...]:
        return self.zh if language == "zh" else self.en

    @property
    def all(self) -> tuple[str, ...]:
        """Every word of both languages."""
        return self.en + self.zh


def _as_text(value: Any) -> Any:
    return {"en": value, "zh": value} if isinstance(value, str) else value


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


BilingualText = Annotated[Text, BeforeValidator(_as_text)]
Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
