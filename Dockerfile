# The dataset is built with the image, so a container answers at once, and offline.
# tests/test_dockerfile.py runs these steps without a container engine; it can because every
# path is below /paycite.

FROM python:3.13-slim AS build
WORKDIR /paycite
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# The libraries come before the code, which changes more often. Nothing is compiled: all are wheels
# but one, which is published as a source distribution only and has scripts of the browser in it.
COPY requirements.txt ./
RUN python -m venv .venv \
 && .venv/bin/pip install --only-binary=:all: --no-binary=openapi-ui-bundles \
    --require-hashes -r requirements.txt

# Installed, because the command and the version are in the distribution's metadata; editable,
# because the seeds, the dataset and openapi.yaml are looked for beside `service/`. The build
# backend is taken from the developers' lock: build isolation would fetch one without a hash.
COPY pyproject.toml README.md requirements-dev.txt ./
COPY service service
RUN sed -n '/^flit-core==/,/[^\\]$/p' requirements-dev.txt > flit-core.txt \
 && .venv/bin/pip install --only-binary=:all: --require-hashes -r flit-core.txt \
 && .venv/bin/pip install --no-deps --no-build-isolation --editable . \
 && .venv/bin/pip uninstall --yes flit-core pip \
 && .venv/bin/python -m compileall -q service

COPY LICENSE openapi.yaml ./
COPY seeds seeds
RUN .venv/bin/paycite build


FROM python:3.13-slim
WORKDIR /paycite
ENV PATH=/paycite/.venv/bin:$PATH

# All of it belongs to root, so the service cannot change what it runs or what it answers from.
COPY --from=build /paycite/.venv .venv
COPY --from=build /paycite/service service
COPY --from=build /paycite/seeds seeds
COPY --from=build /paycite/data data
COPY --from=build /paycite/LICENSE /paycite/openapi.yaml ./

# Where a volume goes (PAYCITE_DATA=/paycite/volume). A new volume takes over this mode, and is
# then writable whichever user `docker run --user` names.
RUN mkdir -m 1777 volume

# A number, because Kubernetes cannot tell whether a name is root.
USER 10001:10001
EXPOSE 8000
# Past any proxy that the container is told of: the question is whether this server answers.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "-c", "from urllib.request import ProxyHandler, build_opener; build_opener(ProxyHandler({})).open('http://127.0.0.1:8000/ready', timeout=4)"]
CMD ["paycite", "serve", "--host", "0.0.0.0", "--port", "8000"]
