"""Which dimensions a model reaches, and that no join multiplies rows."""

from metric_catalog.joins import indexed, nearest_paths, reach, validity
from tests.executors.compiler.catalogs import shop_models

MODELS = {model.id: model for model in shop_models()}


def names(model: str) -> list[str]:
    return [path.name for path in reach(MODELS, model)]


def test_own_columns_come_first_then_those_of_nearer_models() -> None:
    lengths = [len(path.steps) for path in reach(MODELS, "orders")]
    assert lengths == sorted(lengths) and lengths[0] == 0
    assert {"order__channel", "customer", "customer__tier", "customer__home__region"} <= set(
        names("orders")
    )


def test_the_name_is_the_path_of_entities() -> None:
    for path in reach(MODELS, "orders"):
        assert path.name == "__".join((*path.entities, path.element.name)) or not path.steps


def test_joins_go_to_keys_only() -> None:
    for model in MODELS:
        for path in reach(MODELS, model):
            for step in path.steps:
                entity = MODELS[step.right].entity(step.entity)
                assert entity is not None and entity.type in ("primary", "unique", "natural")
                assert (entity.type == "natural") == bool(validity(MODELS[step.right]))


def test_facts_do_not_reach_each_other() -> None:
    assert not any(
        step.right in ("visits", "orders") for p in reach(MODELS, "orders") for step in p.steps
    )
    assert "visit__source" not in names("customers") and "order__channel" not in names("customers")


def test_a_model_is_never_joined_to_itself_again() -> None:
    for model in MODELS:
        for path in reach(MODELS, model):
            passed = [model, *(step.right for step in path.steps)]
            assert len(set(passed)) == len(passed)


def test_nearest_paths_of_a_short_name() -> None:
    index = indexed(reach(MODELS, "orders"))
    assert [path.name for path in nearest_paths(index.by_short["tier"])] == ["customer__tier"]
    assert len(nearest_paths(index.by_short["country"])) == 2
    assert nearest_paths(()) == ()
