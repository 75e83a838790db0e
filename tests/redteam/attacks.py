"""All attacks, from the modules beside this one."""

__all__ = [
    *("ATTACKS", "KINDS", "Attack"),
    *("bridge", "damage", "folders", "meddling", "notebook", "pages", "secrets", "service", "values"),
]
