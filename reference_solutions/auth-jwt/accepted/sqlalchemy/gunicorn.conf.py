bind = "0.0.0.0:5000"
workers = 2
threads = 4
graceful_timeout = 2
worker_tmp_dir = "/dev/shm"
preload_app = False
