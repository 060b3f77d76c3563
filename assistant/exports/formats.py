"""Owns number formats of spreadsheets and slides, as Office writes them."""

from assistant.insights.figures import CURRENCY

DEFAULT_DECIMALS = {"ratio": 1, "count": 0, "currency": 0, "number": 2, "score": 1}


def number_format(
    unit: str, decimals: int | None = None, currency: str | None = None, signed: bool = False
) -> str:
    """Return the format code of a unit: 0.0%, "¥"#,##0, #,##0.00; `signed` writes + too.

    Office has no percentage points: a difference of rates is written in percent with its sign.
    """
    places = DEFAULT_DECIMALS.get(unit, 1) if decimals is None else decimals
    digits = "0" + ("." + "0" * places if places else "")
    if unit == "ratio":
        code = f"{digits}%"
    elif unit == "currency":
        sign = CURRENCY.get(currency or "", currency or "").replace('"', "")
        code = f'"{sign}"#,##{digits}' if sign else f"#,##{digits}"
    else:
        code = f"#,##{digits}"
    return f"+{code};-{code};{code}" if signed else code
