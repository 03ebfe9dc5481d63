bind = "0.0.0.0:5000"
threads = 8
timeout = 120  # the start waits for MySQL, see message_board/models.py
graceful_timeout = 2
worker_tmp_dir = "/dev/shm"
