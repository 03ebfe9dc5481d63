import os

from waitress import serve

from layer import Layer
from routes import site

serve(Layer(site, os.environ["ALLOWED_ORIGIN"]), host="0.0.0.0", port=5000, threads=4, ident=None)
