import os
bind = ["0.0.0.0:" + os.environ.get("PORT", "5000")]
workers, threads, worker_class = 1, 16, "gthread"
keepalive = 30
accesslog = None
worker_tmp_dir = "/dev/shm"
limit_request_line = 8190
