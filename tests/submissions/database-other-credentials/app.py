import os

import pymysql

pymysql.connect(host=os.environ["DB_HOST"], user="root", password=os.environ["DB_PASSWORD"], database=os.environ["DB_NAME"], connect_timeout=2)
