import sqlalchemy

sqlalchemy.create_engine("mysql://notes@db/notes")
