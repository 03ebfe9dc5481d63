"""A value counts by where it goes: good code is not accused, and every kind of secret is found.

Values are drawn when the tests run, so that no secret stands in this repository.
"""

from __future__ import annotations

import random
import string
import uuid
from pathlib import Path

import pytest

from grader.inspect.secrets import Blob, Finding, scan_blobs, scan_tree
from grader.inspect.secrets.criteria import check_tree
from grader.inspect.secrets.finding import Scan

GOOD = Path(__file__).parent / "good"
RNG = random.Random(17)
UUID = str(uuid.UUID(int=RNG.getrandbits(128), version=4))
HEX = "".join(RNG.choices("0123456789abcdef", k=32))
KEY = "q7" + "".join(RNG.choices(string.ascii_letters + string.digits, k=30)) + "Z4"
WORD = "Kestrel_vino77"


INNOCENT = (
    ("app.py", 'NAME, PASSWORD = "[a-z0-9_]{3,30}", "[ -~]{8,64}"'),
    ("app.py", 'PASSWORD = r"(?=.*\\d)\\S{8,}"\nTOKEN_SECRET = "[A-Z2-7]+"'),
    ("app.py", 'if not known:\n    password = "-"'),
    ("tests/conftest.py", f'import os\nos.environ["SECRET_KEY"] = "{HEX}"\n'),
    ("locales/de.json", '{"password": "Passwort123", "token": "Zeichen"}'),
    ("openapi.yaml", """\
openapi: 3.1.0
components:
  examples:
    bad:
      value:
        errors: {password: Too short}
        password: min 8
"""),
    ("values.yaml", "password: ENC[AES256_GCM,data:Tr7sB1==,iv:a,tag:b,type:str]\n"),
    ("config.yaml", "password: ${{ password }}\napi_key: '{ api_key }'\ntoken: <your token>\n"),
    (".env", "RAYGUN_APIKEY=RAYGUN_APIKEY\nSECRET_KEY=<secret>\n"),
    ("compose.yaml", """\
services:
  web:
    image: a
    environment:
      SECRET_KEY: ${SECRET_KEY:?}
      DB_PASSWORD_FILE: /run/secrets/db
"""),
    ("static/app.js", f"const c = {{apiKey: 'AIzaSy{KEY[:33]}', authDomain: 'a.b'}};"),
    ("static/pay.js", f"stripe('pk_live_{KEY}')"),
    ("static/bootstrap.js", "var DATA_API_KEY = '.data-api';"),
    ("app.py", 'if password == "password123":\n    raise ValueError("too common")\n'),
    ("notebook.ipynb", """\
{"cells": [{"cell_type": "code", "source": ["df.rename(columns={'password': 'Kennwort'})"]}]}
"""),
    ("errors.py", f'errors = {{"token": "{WORD}"}}\n'),
    ("lib/tool.jar", "PK\3\4"),
    ("app.py", 'smtp.login("ada@example.org", "**** **** ****")'),
    ("config.py", 'class TestingConfig(Config):\n    SECRET_KEY = "test-secret-key"\n'),
    ("pytest.ini", "[pytest]\nenv =\n    SECRET_KEY=testing-secret\n"),
    ("compose.test.yml", "services:\n  db:\n    environment:\n      MYSQL_PASSWORD: admin\n"),
    (".idea/workspace.xml", f'<state key="Dialog.v2/0.23.{KEY}@0.23" />'),
    ("static/js/app.10e0d5b4.js", 'x={userInfo:{username:"ada",password:"password"}}'),
    ("mock/user.js", 'export default {username: "admin", password: "admin"};'),
    ("pay.vue", 'data() { return { form: { password: "123456" } }; }'),
    ("Dockerfile", "FROM x\nRUN pip install . && SECRET_KEY=dummy flask digest compile\n"),
    ("api.json", '{"__export_format": 4, "resources": [{"name": "a", "password": "letmein"}]}'),
    ("a.postman_collection", '"raw": "{\\"user\\": \\"admin\\", \\"password\\": \\"admin\\"}"'),
    ("alembic.ini", "sqlalchemy.url = postgresql://user:pass@localhost/dbname\n"),
    ("app.js", f"const stripe = Stripe('pk_live_{KEY}')"),
    ("app.py", 'key = os.environ.get("SECRET_KEY")\nif not key:\n    raise RuntimeError("none")\n'),
    ("app.py", 'key = os.getenv("SECRET_KEY")\nif key is None:\n    key = secrets.token_hex()\n'),
    ("app.py", 'token = os.getenv("API_TOKEN")\nif not token:\n    error = "Set API_TOKEN."\n'),
    ("app.py", """\
try:
    password = os.environ["DB_PASSWORD"]
except KeyError:
    password = None
"""),
    ("README.md", "login: admin / pw: see below"),
    ("plan.json", '{"aws": {"expressions": {"secret_key": {"references": ["var.secret_key"]}}}}'),
    ("map.html", f'names = {{"Turkey": "{KEY}"}}'),
    ("app.py", """\
def required(name, message="is missing: copy .env.example to .env"):
    value = os.environ.get(name)
    if not value:
        sys.exit(f"{name} {message}")
    return value

key = required("SECRET_KEY")
password = required("DB_PASSWORD", "is not set, see the table in README.md")
"""),
    ("app.py", """\
def need(name, why):
    try:
        return os.environ[name]
    except KeyError:
        text = f"{name}: {why}"
        raise RuntimeError(text) from None

key = need("SECRET_KEY", "it signs what visitors keep")
"""),
    ("app.py", """\
class Variables:
    def get(self, name, hint="Write a value into .env."):
        if name not in os.environ:
            logging.critical("%s is empty. %s", name, hint)
            raise SystemExit(1)
        return os.environ[name]

password = Variables().get("DB_PASSWORD", "The database administrator has it.")
"""),
    ("app.py", """\
def read_secret(name):
    mounted = Path("/run/secrets") / name
    return mounted.read_text() if mounted.is_file() else os.environ[name.upper()]

password = read_secret("db_password")
"""),
    ("app.py", 'from config import env\nkey = env("SECRET_KEY", "it must be set in .env")\n'),
)  # fmt: skip
"""Values for tests, texts for people, schemas, ciphers, gaps to fill, keys that are public."""
CODES = [ord(letter) for letter in WORD]
GUILTY = (
    ("app.py", 'password = "a{3}[b]c"'),
    ("app.py", 'password = "-1"'),
    ("app.py", f'app.secret_key = "{WORD}.{{3}}"'),
    ("app.py", f'app.secret_key = "[a].{{3}}{WORD}"'),
    ("app.py", f'app.secret_key = "{UUID}"'),
    (".env", f"SECRET_KEY={UUID}"),
    ("compose.yaml", f"""\
services:
  a:
    image: x
    environment:
      SECRET_KEY: {UUID}
"""),
    ("app.py", f'key = os.environ.get("SECRET_KEY", "{UUID}")'),
    ("app.py", f'requests.get("https://api.example.org/w?apiKey={UUID}")'),
    ("app.py", f'requests.get("https://api.example.org/w?appid={HEX}&q=x")'),
    ("app.py", f'app.secret_key = hashlib.sha256(b"{WORD}").hexdigest()'),
    ("app.py", f'SESSION_KEY = "{WORD}"'),
    ("app.py", f'OPENWEATHER_APP_ID = "{HEX}"'),
    ("app.py", f'request.add_header("apikey", "{HEX}")'),
    ("MySQLDockerfile", f"FROM mysql\nENV MYSQL_PASSWORD {WORD}"),
    ("Store.cs", f'string c = "Data Source=db;User ID=svc;Password={WORD};";'),
    ("app.config", f"<add value='Server=db;Uid=a;Pwd={WORD};' />"),
    ("compose.yaml", f"""\
services:
  a:
    image: x
    # DB_PASSWORD: {WORD}
    environment: {{A: b}}
"""),
    ("Dockerfile", f"FROM x\n# ENV DB_PASSWORD={WORD}\n"),
    ("settings.json", f'{{"items": [{{"key": "password", "value": "{WORD}"}}]}}'),
    ("settings.json", f'{{"env": ["DB_PASSWORD={WORD}"]}}'),
    ("settings.xml", f"<entry>\n  <key>password</key>\n  <value>{WORD}</value>\n</entry>"),
    ("app.js", f'const key = process.env.API_KEY || "{KEY}";'),
    ("app.ts", f'const token = process.env.API_TOKEN ?? "{KEY}";'),
    ("main.go", f'dbPassword := getenv("X") ? getenv("X") : "{WORD}"'),
    ("init.lua", f'local api_token = (os.getenv("API_TOKEN") or "{KEY}")'),
    ("README.md", f"* **mysql password**: {WORD}"),
    ("README.md", f"login: admin / pw: {WORD}!"),
    ("secrets/MYSQL_PASSWORD", f"{WORD}\n"),
    ("app.py", f'app.secret_key = "".join(map(chr, {CODES}))'),
    ("app.py", f'app.secret_key = "".join(chr(n ^ 7) for n in {[code ^ 7 for code in CODES]})'),
    ("app.py", f'S = {{"key": "{WORD}"}}\napp.secret_key = S["key"]'),
    ("app.py", f"""\
def env(name, default=None, cast=str):
    try:
        value = os.environ[name]
    except KeyError:
        value = default
    return cast(value)

key = env("SECRET_KEY", "{WORD}", str)
"""),
    ("app.py", f"""\
class Variables:
    def need(self, name, spare, message="is missing"):
        value = os.environ.get(name) or spare
        assert value, f"{{name}} {{message}}"
        return value

key = Variables().need("SECRET_KEY", "{WORD}", "has to be written into .env")
"""),
    ("app.py", f"""\
def need(name):
    if name not in os.environ:
        raise SystemExit(f"{{name}} is missing")
    return os.environ[name]

class Variables:
    def get(self, name):
        return os.environ[name]

key = os.environ.get("SECRET_KEY", "{WORD}")
"""),
    ("app.py", f"""\
def env(name, spare="{WORD}"):
    os.environ.setdefault(name, spare)
    return os.environ[name]

key = env("SECRET_KEY")
"""),
    ("app.py", f"""\
def env(name, default="{WORD}"):
    return os.environ.get(name, default)
app.secret_key = env("SECRET_KEY")
"""),
    ("app.py", f'db = Connector(host="db", user="root", password="{WORD}")'),
    ("app.py", f'# conn = pymysql.connect(host="db", user="a", password="{WORD}")'),
    ("dump.sql", f"""\
CREATE TABLE `users` (
 `id` int(11) NOT NULL,
 `password` varchar(40)
);
INSERT INTO `users` VALUES (1,'{WORD}');
"""),
    ("app.py", """\
class Development:
    PASSWORD = "password"
    URL = "mysql://{}:{}@db/board".format("root", PASSWORD)
class Production:
    PASSWORD = "password"
"""),
    ("cli.py", 'user = User(username="admin", password="zxcfghuio")'),
    ("compose.yaml", """\
services:
  a:
    image: x
    environment:
      SECRET_KEY: bH?UuPg5#9E%S?q2pD25!$EE84_Qq%DU
"""),
    ("Dockerfile", "FROM x\nRUN export SECRET_KEY=" + WORD + " && flask build\n"),
    ("env.yaml", f"env:\n  HOOK_URL: https://api.example.org/v1?apiKey={UUID}\n"),
    ("config.py", f'class TestingConfig:\n    SECRET_KEY = "{KEY}"\n'),
    ("alembic.ini", "sqlalchemy.url = postgresql://user:pass@db/board\n"),
    ("README.md", f"Login: admin / pw: {WORD}"),
    ("index.php", f"$password = getenv('DB_PASSWORD') ?: '{WORD}';"),
    ("app.rb", f"secret = ENV['SECRET_KEY'] || '{KEY}'"),
    ("settings.plist", f"<dict><key>password</key><string>{WORD}</string></dict>"),
    ("app.py", f'engine = create_engine("mysql://app:{UUID}@db/board")'),
    ("app.py", f'S = dict(key="{WORD}")\napp.secret_key = S["key"]'),
    ("app.py", 'key = os.environ.get("SECRET_KEY")\nif not key:\n    key = "dev"\n'),
    ("app.py", 'pw = os.getenv("DB_PASSWORD")\nif pw is None:\n    pw = "board"\n'),
    ("app.py", 'try:\n    key = os.environ["SECRET_KEY"]\nexcept KeyError:\n    key = "dev"\n'),
    ("app.py", """\
if "DB_PASSWORD" in os.environ:
    key = os.environ["DB_PASSWORD"]
else:
    key = "board"
"""),
)  # fmt: skip
"""UUIDs, hashes, whole files, connection strings, comments, pairs, prose, computed literals."""


def findings(path: str, text: str) -> tuple[Finding, ...]:
    return scan_blobs([Blob(path=path, content=text.encode())]).findings


@pytest.mark.parametrize("path", sorted(GOOD.glob("*.txt")), ids=lambda path: path.stem)
def test_good_flask_code_is_not_accused(path: Path) -> None:
    """Not a line of it, neither surely nor as a hint."""
    text = path.read_text("utf-8")
    assert [(one.line, one.preview) for one in findings(path.stem, text)] == []


def test_there_is_enough_of_it() -> None:
    """At least 150 lines of statements."""
    texts = [path.read_text("utf-8") for path in GOOD.glob("*.txt")]
    assert sum(bool(line.strip()) for text in texts for line in text.splitlines()) >= 150


@pytest.mark.parametrize(("path", "text"), INNOCENT)
def test_what_is_no_secret_costs_nothing(path: str, text: str) -> None:
    """Neither a point nor a word of blame."""
    assert [one.preview for one in findings(path, text) if one.sure] == []


def test_a_throw_away_database_of_a_workflow_costs_nothing() -> None:
    """Its service ends with the job; what the workflow deploys with does not."""
    text = (
        "jobs:\n  test:\n    services:\n      db:\n        image: mysql\n        env:\n"
        f"          MYSQL_ROOT_PASSWORD: root\n    env:\n      DEPLOY_TOKEN: {KEY}\n"
    )
    sure = [one.line for one in findings(".github/workflows/ci.yml", text) if one.sure]
    assert sure == [9]


@pytest.mark.parametrize(("path", "text"), GUILTY)
def test_what_is_used_as_a_secret_is_found(path: str, text: str) -> None:
    """Surely or as a hint."""
    assert findings(path, text)


def test_files_that_others_use_are_followed(tmp_path: Path) -> None:
    """Mounted by Compose, imported, or read while the app runs; what is not handed in is not."""
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "x.txt").write_text(f"{WORD}\n")
    (tmp_path / "mine.txt").write_text(f"{WORD}\n")
    (tmp_path / "keys.py").write_text(f'K = "{WORD}"\n')
    (tmp_path / "salt.bin").write_text(f"{WORD}\n")
    (tmp_path / "compose.yaml").write_text(
        "services:\n  db:\n    image: mysql\nsecrets:\n  pw:\n    file: db/x.txt\n  mine:\n    "
        "file: mine.txt\n"
    )
    (tmp_path / "app.py").write_text(
        "import keys\nfrom keys import K\napp.secret_key = K\n"
        'app.config["JWT_SECRET_KEY"] = open("salt.bin").read().strip()\n'
    )
    found = {one.path for one in scan_tree(tmp_path, leave_out={"mine.txt"}).findings}
    assert found == {"db/x.txt", "keys.py", "salt.bin"}


@pytest.mark.parametrize(
    ("name", "accused"),
    [
        ("mqtt_user", False), ("db-name", False), ("smtpHost", False), ("admin.email", False),
        ("db", True), ("user_password", True), ("username_salt", True), ("pin", True),
    ],
)  # fmt: skip
def test_whom_or_where_is_no_secret_though_it_is_mounted_as_one(
    tmp_path: Path, name: str, accused: bool
) -> None:
    """Compose mounts a user's name like a password; all else counts whatever its name."""
    (tmp_path / "x.txt").write_text(f"{WORD}\n")
    (tmp_path / "compose.yaml").write_text(
        f"services:\n  db:\n    image: mysql\nsecrets:\n  {name}:\n    file: x.txt\n"
    )
    assert bool(scan_tree(tmp_path).findings) is accused


def test_a_hint_costs_nothing_and_is_told() -> None:
    """It stands in the evidence of a criterion that is passed."""
    hint, *_ = findings("tests/test_app.py", f'app.config["SECRET_KEY"] = "{WORD}"')
    assert not hint.sure
    result = check_tree(Scan(findings=(hint,)))
    assert str(result.outcome) == "passed"
    assert "tests/test_app.py:1" in result.evidence


def test_a_finding_says_what_it_is_used_for() -> None:
    """As far as that is known."""
    (one,) = findings("app.py", f'db = pymysql.connect(host="db", password="{WORD}")')
    assert (one.used_for, one.sure) == ("logs in to the database", True)
