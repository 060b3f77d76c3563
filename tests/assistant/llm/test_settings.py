import pytest

from assistant.llm.settings import ModelSettings, read_settings
from metric_catalog.errors import CatalogError

URL, MODEL = "http://127.0.0.1:1/v1", "m"


@pytest.mark.parametrize(
    "environment", [{}, {"ASKMETRIC_LLM_KEY": "k"}, {"ASKMETRIC_LLM_URL": " "}]
)
def test_nothing_is_configured(environment: dict[str, str]) -> None:
    assert read_settings(environment) is None


def test_a_model_is_configured() -> None:
    environment = {"ASKMETRIC_LLM_URL": URL, "ASKMETRIC_LLM_MODEL": MODEL}
    assert read_settings(environment) == ModelSettings(URL, MODEL)
    more = {"ASKMETRIC_LLM_KEY": "k", "ASKMETRIC_LLM_SECONDS": "2.5", "ASKMETRIC_LLM_PROVIDER": "p"}
    assert read_settings({**environment, **more}) == ModelSettings(URL, MODEL, "k", "p", 2.5)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"ASKMETRIC_LLM_URL": ""}, "language_model_incomplete"),
        ({"ASKMETRIC_LLM_MODEL": ""}, "language_model_incomplete"),
        ({"ASKMETRIC_LLM_URL": "file:///etc/passwd"}, "invalid_value"),
        ({"ASKMETRIC_LLM_URL": "127.0.0.1:80"}, "invalid_value"),
        ({"ASKMETRIC_LLM_URL": "http://[oops"}, "invalid_value"),
        ({"ASKMETRIC_LLM_SECONDS": "0"}, "invalid_value"),
        ({"ASKMETRIC_LLM_SECONDS": "nan"}, "invalid_value"),
        ({"ASKMETRIC_LLM_SECONDS": "soon"}, "invalid_value"),
    ],
)
def test_half_a_configuration_is_an_error(changed: dict[str, str], code: str) -> None:
    environment = {"ASKMETRIC_LLM_URL": URL, "ASKMETRIC_LLM_MODEL": MODEL, **changed}
    with pytest.raises(CatalogError) as error:
        read_settings(environment)
    assert [issue.code for issue in error.value.issues] == [code]
