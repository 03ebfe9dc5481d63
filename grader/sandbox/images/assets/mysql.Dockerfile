# The twin of a MySQL image: the same server with its data folder initialised beforehand.
FROM base
USER root
COPY mysql.cnf /etc/mysql/conf.d/00-grader.cnf
COPY --chmod=755 mysql-initialise.sh mysql-entrypoint.sh /usr/local/lib/grader/
RUN ["/bin/bash", "/usr/local/lib/grader/mysql-initialise.sh"]
ENTRYPOINT ["/usr/local/lib/grader/mysql-entrypoint.sh"]
CMD ["mysqld"]
EXPOSE 3306
