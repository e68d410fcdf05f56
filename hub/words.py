"""Interface words: gettext with types.

One catalog serves everybody until there are translations; choosing one by reader belongs into ``_catalog``.
"""

from gettext import NullTranslations

from flask import Flask
from flask_babel.speaklater import LazyString

_catalog = NullTranslations()


def init_app(app: Flask) -> None:
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(_, plural, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    app.jinja_env.globals["_"] = _  # without the extension's detour: a page asks for a hundred words


def _(message: str, **values: object) -> str:
    said = _catalog.gettext(message)
    return said % values if values else said


def plural(singular: str, plural: str, num: int, **values: object) -> str:
    return _catalog.ngettext(singular, plural, num) % ({"num": num} | values)


def later(message: str, **values: object) -> str:
    """Words of a form or a table made before there is a request; translated when printed."""
    lazy: str = LazyString(_, message, **values)
    return lazy
