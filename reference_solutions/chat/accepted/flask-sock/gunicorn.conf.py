"""One process with many threads: each WebSocket keeps one."""
from chat import store

bind = "0.0.0.0:5000"
worker_class = "gthread"
workers = 1
threads = 100
graceful_timeout = 1


def on_starting(server):
    """Nobody is here yet, whoever was when the last container ended."""
    store.forget_presence()
