"""Interface words: gettext with types."""

import flask_babel


def _(message: str, **values: object) -> str:
    return str(flask_babel.gettext(message, **values))


def plural(singular: str, plural: str, num: int, **values: object) -> str:
    return str(flask_babel.ngettext(singular, plural, num, **values))


def later(message: str, **values: object) -> str:
    """Words of a form or a table made before there is a request; translated when printed."""
    lazy: str = flask_babel.lazy_gettext(message, **values)
    return lazy
