# A RabbitMQ that the grader can stop, start again and look into without a new container.
FROM base
USER root
COPY --chmod=644 grader.conf /usr/local/lib/grader/rabbitmq.conf
COPY --chmod=755 entrypoint.sh /usr/local/lib/grader/rabbitmq-entrypoint.sh
COPY --chmod=755 ask.sh /usr/local/lib/grader/rabbitmq-ask.sh
RUN ["/bin/bash", "-c", "ln -sf /usr/local/lib/grader/rabbitmq-entrypoint.sh /usr/local/bin/docker-entrypoint.sh"]
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["rabbitmq-server"]
EXPOSE 5672
