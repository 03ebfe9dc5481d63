# A MariaDB image whose data folder was initialised beforehand.
FROM base
USER root
COPY grader.cnf /etc/mysql/mariadb.conf.d/00-grader.cnf
COPY --chmod=755 initialise.sh entrypoint.sh /usr/local/lib/grader/
COPY --chmod=755 healthcheck.sh /usr/local/bin/healthcheck.sh
RUN ["/bin/bash", "/usr/local/lib/grader/initialise.sh"]
ENTRYPOINT ["/usr/local/lib/grader/entrypoint.sh"]
CMD ["mariadbd"]
EXPOSE 3306
