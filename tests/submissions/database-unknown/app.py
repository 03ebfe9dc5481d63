import os

import pymysql

pymysql.connect(host=os.environ["DB_HOST"], user=os.environ["DB_USER"], password=os.environ["DB_PASSWORD"], database="todo_db", connect_timeout=2)
