-- at each start
CREATE TABLE IF NOT EXISTS notes.started (number INT);
INSERT INTO notes.started VALUES (1)
