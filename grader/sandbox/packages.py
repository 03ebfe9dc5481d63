"""Which packages bring what programs and modules: names that differ from what is asked for."""

from __future__ import annotations

from collections.abc import Mapping

MODULES: Mapping[str, str] = {
    "MySQLdb": "mysqlclient",
    "_mysql": "mysqlclient",
    "mysql": "mysql-connector-python",
    "pymysql": "PyMySQL",
    "flask_mysqldb": "Flask-MySQLdb",
    "flaskext": "Flask-MySQL",
    "flask_sqlalchemy": "Flask-SQLAlchemy",
    "flask_cors": "Flask-Cors",
    "flask_login": "Flask-Login",
    "flask_wtf": "Flask-WTF",
    "flask_migrate": "Flask-Migrate",
    "flask_bcrypt": "Flask-Bcrypt",
    "flask_marshmallow": "flask-marshmallow",
    "flask_restful": "Flask-RESTful",
    "flask_jwt_extended": "Flask-JWT-Extended",
    "flask_mail": "Flask-Mail",
    "flask_session": "Flask-Session",
    "flask_limiter": "Flask-Limiter",
    "flask_caching": "Flask-Caching",
    "flask_socketio": "Flask-SocketIO",
    "dotenv": "python-dotenv",
    "decouple": "python-decouple",
    "yaml": "PyYAML",
    "jwt": "PyJWT",
    "PIL": "Pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "sklearn": "scikit-learn",
    "dateutil": "python-dateutil",
    "Crypto": "pycryptodome",
    "psycopg2": "psycopg2-binary",
    "OpenSSL": "pyOpenSSL",
    "magic": "python-magic",
    "slugify": "python-slugify",
    "wtforms": "WTForms",
    "email_validator": "email-validator",
    "pkg_resources": "setuptools<81",
    "distutils": "setuptools",
    "markdown": "Markdown",
    "jinja2": "Jinja2",
    "werkzeug": "Werkzeug",
    "sqlalchemy": "SQLAlchemy",
    "flask": "Flask",
}
"""Modules to the packages on PyPI that have them, where the names differ."""
PYTHON_PROGRAMS = frozenset({
    "flask", "gunicorn", "uwsgi", "waitress-serve", "uvicorn", "hypercorn", "alembic", "celery",
    "pytest", "uv", "poetry", "pipenv", "fastapi", "honcho", "supervisord",
})  # fmt: skip
"""Programs that Python packages of the same or nearly the same name bring."""
PROGRAM_PACKAGES: Mapping[str, str] = {
    "waitress-serve": "waitress",
    "uwsgi": "uWSGI",
    "supervisord": "supervisor",
}
DEBIAN_PROGRAMS: Mapping[str, str] = {
    "nc": "netcat-openbsd",
    "netcat": "netcat-openbsd",
    "mysql": "default-mysql-client",
    "mysqladmin": "default-mysql-client",
    "mysqldump": "default-mysql-client",
    "mariadb": "mariadb-client",
    "ping": "iputils-ping",
    "dig": "dnsutils",
    "nslookup": "dnsutils",
    "host": "bind9-host",
    "ps": "procps",
    "pgrep": "procps",
    "telnet": "telnet",
    "ip": "iproute2",
    "ss": "iproute2",
    "ifconfig": "net-tools",
    "netstat": "net-tools",
    "gcc": "build-essential",
    "make": "build-essential",
    "pkg-config": "pkg-config",
    "mysql_config": "default-libmysqlclient-dev",
    "nginx": "nginx",
    "node": "nodejs",
    "npm": "npm",
    "bash": "bash",
    "curl": "curl",
    "wget": "wget",
    "git": "git",
    "jq": "jq",
    "dos2unix": "dos2unix",
    "gosu": "gosu",
    "sudo": "sudo",
    "envsubst": "gettext-base",
    "unzip": "unzip",
    "killall": "psmisc",
}
"""Programs to the Debian packages that have them."""
LIBRARIES: Mapping[str, str] = {
    "libGL": "libgl1",
    "libgthread": "libglib2.0-0",
    "libglib": "libglib2.0-0",
    "libSM": "libsm6",
    "libXext": "libxext6",
    "libXrender": "libxrender1",
    "libzbar": "libzbar0",
    "zbar": "libzbar0",
    "libmagic": "libmagic1",
    "libgobject": "libpango-1.0-0 libpangoft2-1.0-0",
    "libpango": "libpango-1.0-0 libpangoft2-1.0-0",
    "libcairo": "libcairo2",
    "cairo": "libcairo2",
    "libpq": "libpq5",
    "libodbc": "unixodbc",
    "libxslt": "libxslt1.1",
    "libxml2": "libxml2",
    "libgomp": "libgomp1",
    "libsndfile": "libsndfile1",
    "libffi": "libffi8",
}
"""The system's libraries, to the first dash or dot of their names, to the packages with them."""
OF_SCREENS = frozenset({"libGL", "libgthread", "libSM", "libXext", "libXrender"})
"""What opencv-python needs for windows, and opencv-python-headless does not."""
DEBIAN_RENAMED: Mapping[str, str] = {
    "netcat": "netcat-openbsd",
    "nc": "netcat-openbsd",
    "mysql-client": "default-mysql-client",
    "mysql-server": "default-mysql-server",
    "libmysqlclient-dev": "default-libmysqlclient-dev",
    "libmysqlclient-dev-default": "default-libmysqlclient-dev",
    "python-dev": "python3-dev",
    "python3.6-dev": "python3-dev",
    "python-pip": "python3-pip",
    "python": "python3",
    "python-mysqldb": "python3-mysqldb",
    "libpython-dev": "libpython3-dev",
    "ping": "iputils-ping",
    "telnet-client": "telnet",
    "wait-for-it.sh": "wait-for-it",
    "pkgconfig": "pkg-config",
    "build-essentials": "build-essential",
    "buildessential": "build-essential",
    "openjdk-8-jdk": "default-jdk",
    "openjdk-11-jdk": "default-jdk",
}
"""Names that Debian has given up, has for a choice of packages, or never had, to those it has."""


def package_of(module: str) -> str:
    """Return the package on PyPI that has `module`, as far as its name tells."""
    return MODULES.get(module.partition(".")[0], module.partition(".")[0])


def program_advice(name: str) -> str:
    """Return what to do where the image has no program `name`, in a sentence."""
    plain = name.rpartition("/")[2]
    if plain in PYTHON_PROGRAMS:
        package = PROGRAM_PACKAGES.get(plain, plain)
        return (
            f"Add {package} to requirements.txt, and have the Dockerfile install it "
            "(`RUN pip install -r requirements.txt`)."
        )
    if debian := DEBIAN_PROGRAMS.get(plain):
        return (
            "Install it in the Dockerfile (`RUN apt-get update && apt-get install -y "
            f"{debian}`), or do without it."
        )
    return "Check how it is spelt, and that your Dockerfile installs it."


def library_advice(name: str) -> str:
    """Return how to get the system's library `name` into the image, in a sentence."""
    plain = name.partition(".")[0].partition("-")[0]
    mysql = "mysql" in plain or "maria" in plain
    packages = "libmariadb3" if mysql else LIBRARIES.get(plain, "")
    how = f"`RUN apt-get update && apt-get install -y {packages}`" if packages else "apt-get"
    other = ", or use PyMySQL" if mysql else ""
    if plain in OF_SCREENS:
        other = ", or take opencv-python-headless in the place of opencv-python"
    return f"Install it with {how} in the stage that runs the app{other}."
