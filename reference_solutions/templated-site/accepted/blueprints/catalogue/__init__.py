"""The catalogue of a shop."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from .config import Config
from .models import create_tables, db
from .shop import shop
from .site import site


def create_app(config=Config):
    """Make the app, with `config` (another class in tests)."""
    app = Flask(__name__)
    app.config.from_object(config())
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=0, x_proto=0, x_prefix=1)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    db.init_app(app)
    app.register_blueprint(site)
    app.register_blueprint(shop, url_prefix="/products")
    with app.app_context():
        create_tables()
    return app
