# The twin of a MySQL image: the same server with its data folder initialised beforehand.
FROM base
USER root
COPY mysql.cnf /etc/mysql/conf.d/00-grader.cnf
COPY --chmod=644 mysql-removed-options.txt /usr/local/share/grader-mysql/removed
COPY --chmod=755 mysql-initialise.sh mysql-entrypoint.sh /usr/local/lib/grader/
COPY --chmod=755 mysql-healthcheck.sh /usr/local/bin/healthcheck.sh
RUN ["/bin/bash", "/usr/local/lib/grader/mysql-initialise.sh"]
# What health checks and scripts written for MariaDB's image call.
RUN ln -sf "$(command -v mysql)" /usr/local/bin/mariadb \
    && ln -sf "$(command -v mysqladmin)" /usr/local/bin/mariadb-admin \
    && ln -sf "$(command -v mysqldump)" /usr/local/bin/mariadb-dump
ENTRYPOINT ["/usr/local/lib/grader/mysql-entrypoint.sh"]
CMD ["mysqld"]
EXPOSE 3306
