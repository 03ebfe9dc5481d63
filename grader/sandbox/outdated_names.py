"""Names that newer versions of Python, Flask and what they rest on do not have any more."""

from __future__ import annotations

import re

WERKZEUG_3 = (
    "Flask 2.2 and older, and extensions of that time, need it, but nothing names a version of "
    "Werkzeug, so pip took the newest. Raise them to their newest versions in requirements.txt, or "
    "add `Werkzeug<3`."
)
JINJA_31 = (
    "Flask 1 and other packages of that time need it, but nothing names a version of Jinja2, so "
    "pip "
    "took the newest. Raise Flask in requirements.txt, or add `Jinja2<3.1`; your own code imports "
    "it from `markupsafe`."
)
GONE: tuple[tuple[str, str, str], ...] = (
    (
        (
            r"url_quote|url_decode|url_encode|url_parse|url_unquote|url_quote_plus|url_join|uri_to_iri|"
            r"url_unparse|iri_to_uri"
        ),
        r"werkzeug(?:\.urls)?",
        f"Werkzeug 3 has removed it. {WERKZEUG_3}",
    ),
    (
        r"secure_filename|FileStorage",
        r"werkzeug",
        (
            "Werkzeug 1 has moved it. Write `from werkzeug.utils import secure_filename` "
            "(FileStorage is "
            "in werkzeug.datastructures); for an extension, take its newest version."
        ),
    ),
    (
        r"generate_password_hash|check_password_hash|safe_str_cmp",
        r"werkzeug(?:\.security)?",
        (
            "The hashes are in `werkzeug.security`; safe_str_cmp is gone since Werkzeug 2.1: use "
            "`hmac.compare_digest`, and the newest version of the extension that asks for it."
        ),
    ),
    (r"\w+", r"werkzeug[\w.]*", f"The Werkzeug that is installed has it no more. {WERKZEUG_3}"),
    (
        (
            r"escape|Markup|contextfilter|contextfunction|environmentfilter|evalcontextfilter|"
            r"evalcontextfunction"
        ),
        r"jinja2[\w.]*",
        f"Jinja2 3.1 has removed it. {JINJA_31}",
    ),
    (r"escape|Markup", r"flask", "Flask 3 has removed it: import it from `markupsafe`."),
    (
        r"_app_ctx_stack|_request_ctx_stack|JSONEncoder|JSONDecoder|__version__",
        r"flask[\w.]*",
        (
            "Flask 2.3 and 3 have removed it, and an extension or your code is older than that. "
            "Take the "
            "newest version of the extension, or add `Flask<2.3` and `Werkzeug<3`."
        ),
    ),
    (
        r"json|TimedJSONWebSignatureSerializer|JSONWebSignatureSerializer",
        r"itsdangerous[\w.]*",
        (
            "itsdangerous 2.1 has removed it. Raise Flask in requirements.txt, or add "
            "`itsdangerous<2.1`."
        ),
    ),
    (
        r"soft_unicode",
        r"markupsafe[\w.]*",
        (
            "MarkupSafe 2.1 has removed it. Raise Jinja2 and Flask in requirements.txt, or add "
            "`MarkupSafe<2.1`."
        ),
    ),
    (
        r"Mapping|MutableMapping|Iterable|Callable|Sequence|MutableSet|Hashable|Container",
        r"collections",
        (
            "Python 3.10 has moved it to `collections.abc`. Take newer versions of the packages in "
            "requirements.txt, or an older Python in the Dockerfile (FROM)."
        ),
    ),
    (
        r"\w+",
        r"sqlalchemy[\w.]*",
        (
            "The SQLAlchemy that is installed does not have it: what asks for it is of another "
            "time. Raise "
            "Flask-SQLAlchemy in requirements.txt, or add `SQLAlchemy<2`."
        ),
    ),
)
"""Names and the modules that had them, as patterns, and what to do."""
GONE_MODULES: tuple[tuple[str, str], ...] = (
    (r"flask\.ext(?:\..*)?", "Flask 1 has removed `flask.ext`: write `from flask_NAME import …`."),
    (
        r"flask\._compat|flask_script\._compat",
        (
            "Flask 2 has removed it, and an extension (Flask-Script, often) still asks for it. "
            "Leave that "
            "extension out (`flask run`, `flask db` do its work), or add `Flask<2` and what was "
            "of its "
            "time."
        ),
    ),
    (
        r"werkzeug\.contrib(?:\..*)?|werkzeug\.wrappers\.\w+|werkzeug\.\w+",
        f"Werkzeug has removed it. {WERKZEUG_3}",
    ),
    (
        r"distutils(?:\..*)?|imp|asyncore|asynchat|smtpd",
        (
            "Python 3.12 has removed it. Take newer versions of the packages in "
            "requirements.txt, add "
            "setuptools, or build on an older Python (FROM)."
        ),
    ),
    (
        r"cgi|cgitb|crypt|telnetlib|nntplib|imghdr|pipes|sndhdr|uu",
        (
            "Python 3.13 has removed it. Take newer versions of the packages in "
            "requirements.txt, or build "
            "on an older Python (FROM)."
        ),
    ),
    (
        r"pkg_resources",
        (
            "It belongs to setuptools, which newer images and versions leave out. Take a newer "
            "version of "
            "what asks for it, or add `setuptools<81` to requirements.txt."
        ),
    ),
)
ATTRIBUTES: tuple[tuple[str, str], ...] = (
    (
        r"'Flask' object has no attribute 'before_first_request'",
        "Flask 2.3 has removed it: do that work where the app is made, within `app.app_context()`.",
    ),
    (
        (
            r"'Flask' object has no attribute "
            r"'(?:json_encoder|json_decoder|env|session_cookie_name|"
            r"propagate_exceptions)'"
        ),
        (
            "Flask 2.3 has removed it. Take the newest version of the extension that uses it, or "
            "add "
            "`Flask<2.3` and `Werkzeug<3` to requirements.txt."
        ),
    ),
    (
        (
            r"module 'sqlalchemy' has no attribute '\w+'|'Engine' object has no attribute "
            r"'(?:execute|table_names|has_table)'|'Connection' object has no attribute 'connect'"
        ),
        (
            "SQLAlchemy 2 has removed it. Raise Flask-SQLAlchemy to 3, or add `SQLAlchemy<2` to "
            "requirements.txt."
        ),
    ),
    (
        r"module 'collections' has no attribute '\w+'",
        (
            "Python 3.10 has moved it to `collections.abc`. Take newer versions of the packages in "
            "requirements.txt, or an older Python in the Dockerfile (FROM)."
        ),
    ),
    (
        r"module 'werkzeug' has no attribute '__version__'",
        f"Werkzeug 3 has removed it. {WERKZEUG_3}",
    ),
    (
        r"module 'jwt' has no attribute '\w+'",
        "The package `jwt` is another one: remove it from requirements.txt and add PyJWT.",
    ),
    (
        (
            r"module 'pkgutil' has no attribute 'ImpImporter'|module 'ssl' has no attribute "
            r"'wrap_socket'|module 'inspect' has no attribute 'getargspec'"
        ),
        (
            "Newer versions of Python have removed it. Take newer versions of the packages in "
            "requirements.txt, or build on an older Python (FROM)."
        ),
    ),
)
"""What an AttributeError says where a newer version has dropped a name, and what to do."""


def gone_module(module: str) -> str:
    """Return what to do where the missing `module` was removed, in a sentence.

    Empty where it was not.
    """
    for pattern, advice in GONE_MODULES:
        if re.fullmatch(pattern, module):
            return f"There is no module {module!r} any more (ModuleNotFoundError). {advice}"
    return ""


def gone_name(name: str, module: str) -> str:
    """Return what to do where `module` does not have `name` any more; empty where it never had."""
    for names, modules, advice in GONE:
        if re.fullmatch(names, name) and re.fullmatch(modules, module):
            return advice
    return ""


def gone_attribute(said: str) -> str:
    """Return what to do about an AttributeError that says `said`.

    Empty where no version is to blame.
    """
    for pattern, advice in ATTRIBUTES:
        if re.search(pattern, said):
            return advice
    return ""
