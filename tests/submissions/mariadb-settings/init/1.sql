CREATE TABLE notes (text VARCHAR(200));
DELIMITER //
CREATE TRIGGER checked BEFORE INSERT ON notes FOR EACH ROW
  IF @@wait_timeout <> 600 OR @@max_connections <> 40 OR @@time_zone <> 'Europe/Vienna'
    OR NOT EXISTS (SELECT * FROM started)
  THEN SIGNAL SQLSTATE '45000'; END IF //
