# docker compose up, or without compose:
# docker build --tag digits . && docker run --read-only --tmpfs /tmp --publish 8000:8000 digits

# The base may be any Debian-like image with Python 3.11 or later and its venv module: --build-arg BASE=...
ARG BASE=python:3.11-slim


FROM ${BASE} AS build

# Install before the code is copied, so that a change of code reuses this layer. Compile here, since the file system is
# read-only later; unchecked, since the source cannot change.
RUN python3 -m venv /venv
COPY requirements/production.txt /requirements.txt
RUN /venv/bin/pip install --no-cache-dir --no-compile --only-binary :all: --require-hashes -r /requirements.txt \
 && /venv/bin/pip uninstall --yes --quiet pip setuptools \
 && python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash /venv

# Make the files of a checkout with a strict umask readable to the image's user.
COPY models /app/models
COPY service /app/service
COPY requirements/production.cdx.json /app/sbom.cdx.json
RUN chmod -R a+rX /app \
 && install -d -m 1777 /app/corrections \
 && python3 -m compileall -q --invalidation-mode unchecked-hash /app


# The load test of `make loadtest`; only the compose file's profile builds it.
FROM ${BASE} AS loadtest

RUN python3 -m venv /venv
COPY tests/load/requirements.txt /requirements.txt
RUN /venv/bin/pip install --no-cache-dir --only-binary :all: --require-hashes -r /requirements.txt
COPY tests/load /app/tests/load
RUN chmod -R a+rX /app
WORKDIR /app
USER 10001:10001
ENTRYPOINT ["/venv/bin/python", "-m", "tests.load"]


FROM ${BASE}

LABEL org.opencontainers.image.title="digits" \
      org.opencontainers.image.description="Reads handwritten digits" \
      org.opencontainers.image.version="1.0.0" \
      digits.sbom="/app/sbom.cdx.json"

ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000

COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app

# A number, so that Kubernetes' runAsNonRoot can tell that it is not root.
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM

# Use http.client, since urllib would connect to a configured proxy.
HEALTHCHECK --timeout=3s --start-period=30s CMD ["python", "-c", "import http.client, os, sys; \
c = http.client.HTTPConnection('127.0.0.1', os.environ['PORT'], timeout=2); \
c.request('GET', '/health/ready'); sys.exit(c.getresponse().status != 200)"]

CMD ["python", "-m", "service"]
