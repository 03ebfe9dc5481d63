ALTER USER 'notes'@'%' IDENTIFIED WITH mysql_native_password BY 'x';
