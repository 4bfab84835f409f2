# The server as an image: a checkout with its .venv at /srv/latchkey, read by a plain user who may write to /data only.
#
#   docker build -t latchkey .
#   docker run --read-only --tmpfs /tmp -v latchkey:/data -p 127.0.0.1:9000:9000 latchkey
#
# Where packages come from is each machine's affair: `--secret id=pip.conf,src=…` gives pip its settings for the build
# and leaves nothing of them in a layer.
ARG PYTHON=3.11

FROM python:${PYTHON}-slim-bookworm AS build
WORKDIR /srv/latchkey
COPY requirements.txt ./
RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf \
    python -m venv .venv \
    && .venv/bin/python -m pip install --disable-pip-version-check --no-cache-dir --no-deps --require-hashes \
       --only-binary :all: -r requirements.txt
COPY . ./
# What only building needs goes, pip last of all; the link stands for the folder that a checkout writes to.
RUN .venv/bin/python -m pip install --disable-pip-version-check --no-cache-dir --no-deps --no-index \
       --no-build-isolation --editable . \
    && .venv/bin/python -m pip uninstall --yes --quiet \
       hatchling editables pathspec pluggy trove-classifiers packaging setuptools pip \
    && .venv/bin/python -m compileall -q server web migrations \
    && ln -s /data var

FROM python:${PYTHON}-slim-bookworm
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin latchkey \
    && install -d -o latchkey -g latchkey -m 0700 /data
COPY --from=build /srv/latchkey /srv/latchkey
ENV PATH=/srv/latchkey/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 9000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "/srv/latchkey/scripts/is_ready.py"]
ENTRYPOINT ["latchkey"]
CMD ["serve", "--migrate", "--host", "0.0.0.0"]
