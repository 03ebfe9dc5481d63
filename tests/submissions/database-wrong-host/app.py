import os

import pymysql

pymysql.connect(host="localhost", user=os.environ["DB_USER"], password=os.environ["DB_PASSWORD"], database=os.environ["DB_NAME"], connect_timeout=2)
