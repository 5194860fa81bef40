# docker compose up, or without compose:
# docker build --tag digits . && docker run --read-only --tmpfs /tmp --publish 8000:8000 digits

# Any Debian-like image with Python 3.11 or later and its venv module will do: --build-arg BASE=...
# To send traces (DIGITS_TRACES), with OpenTelemetry's libraries: --build-arg LOCK=production
ARG BASE=python:3.11-slim


FROM ${BASE} AS build

# Above the code, so that only a change of the lock installs again. The bytecode is written here, since nobody can
# write it later, and never compared with its source, since that cannot change.
ARG LOCK=serve
RUN python3 -m venv /venv
COPY requirements/${LOCK}.txt /requirements.txt
RUN /venv/bin/pip install --no-cache-dir --no-compile --only-binary :all: --require-hashes -r /requirements.txt \
 && /venv/bin/pip uninstall --yes --quiet pip setuptools \
 && python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash /venv

# A checkout made under a strict umask must still be readable to the image's user.
COPY models /app/models
COPY service /app/service
RUN chmod -R a+rX /app \
 && install -d -m 1777 /app/corrections \
 && python3 -m compileall -q --invalidation-mode unchecked-hash /app


# What `make loadtest` does; only the compose file's profile asks for it.
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
      org.opencontainers.image.version="1.0.0"

# ONNX Runtime would otherwise report to its makers.
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ORT_DISABLE_TELEMETRY=1 \
    HOST=0.0.0.0 \
    PORT=8000

COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app

# A number, so that Kubernetes' runAsNonRoot can see that it is not root.
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM

# http.client rather than urllib, which would ask a configured proxy.
HEALTHCHECK --timeout=3s --start-period=30s CMD ["python", "-c", "import http.client, os, sys; \
c = http.client.HTTPConnection('127.0.0.1', os.environ['PORT'], timeout=2); \
c.request('GET', '/health/ready'); sys.exit(c.getresponse().status != 200)"]

CMD ["python", "-m", "service"]
