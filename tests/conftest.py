"""What only `make exhaustive` runs is left out, whatever else is selected, until ``-m`` asks for it by name."""


def pytest_collection_modifyitems(config, items):
    if "exhaustive" in config.option.markexpr:
        return
    left_out = [item for item in items if item.get_closest_marker("exhaustive")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("exhaustive")]
