GRANT ALL ON notes.* TO 'me'@'%' IDENTIFIED BY 'x';
