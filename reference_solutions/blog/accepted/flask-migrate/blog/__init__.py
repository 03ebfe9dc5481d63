import os

from flask import Flask
from flask_migrate import Migrate
from sqlalchemy import URL
from werkzeug.exceptions import HTTPException

from .models import db
from .views import Problem, api


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = URL.create(
        "mysql+pymysql",
        username=os.environ["DB_USER"],
        password=os.environ["DB_PASSWORD"],
        host=os.environ["DB_HOST"],
        port=int(os.environ["DB_PORT"]),
        database=os.environ["DB_NAME"],
        query={"charset": "utf8mb4"},
    )
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "isolation_level": "READ COMMITTED",
        "pool_pre_ping": True,
        "pool_size": 6,
    }
    db.init_app(app)
    Migrate(app, db)
    app.register_blueprint(api)

    @app.errorhandler(Problem)
    def problem(error):
        return {"error": error.text}, error.status

    @app.errorhandler(HTTPException)
    def failed(error):
        return {"error": error.description}, error.code

    return app
