# A PostgreSQL image whose data folder was initialised beforehand.
FROM base
USER root
COPY grader.conf grader-hba.conf /usr/local/share/grader-postgres/
COPY --chmod=755 initialise.sh entrypoint.sh /usr/local/lib/grader/
RUN ["/bin/bash", "/usr/local/lib/grader/initialise.sh"]
ENTRYPOINT ["/usr/local/lib/grader/entrypoint.sh"]
CMD ["postgres"]
STOPSIGNAL SIGINT
EXPOSE 5432
