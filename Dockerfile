# The dataset is built with the image, so a container answers at once, and offline.
# tests/project/test_dockerfile.py runs these steps without a container engine; it can because every
# path is below /paycite.

FROM python:3.13-slim AS build
WORKDIR /paycite
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 UV_NO_CACHE=1

# The libraries come before the code, which changes more often. Nothing is compiled: all are wheels
# but one, which is published as a source distribution only and has scripts of the browser in it.
COPY requirements requirements
RUN python -m venv build \
 && build/bin/pip install --require-hashes -r requirements/uv.txt \
 && build/bin/uv pip sync --python build --require-hashes requirements/build.txt \
 && python -m venv --without-pip .venv \
 && build/bin/uv pip sync --python .venv --compile-bytecode --only-binary :all: --no-binary openapi-ui-bundles \
    --build-constraints requirements/build.txt --require-hashes requirements/run.txt

COPY pyproject.toml README.md LICENSE openapi.yaml ./
COPY docs docs
COPY service service
COPY seeds seeds
RUN build/bin/hatchling build -t wheel \
 && build/bin/uv pip install --python .venv --no-deps --compile-bytecode dist/*.whl \
 && rm -f .venv/.lock \
 && PAYCITE_DATA=data .venv/bin/paycite build \
 && chmod 755 data/datasets


FROM python:3.13-slim
WORKDIR /paycite
ENV PATH=/paycite/.venv/bin:$PATH PAYCITE_DATA=/paycite/data

# All of it belongs to root, so the service cannot change what it runs or what it answers from. It
# may read the dataset, which has no private sources.
COPY --from=build /paycite/.venv .venv
COPY --from=build /paycite/data data
COPY --from=build /paycite/LICENSE ./

# Where a volume goes (PAYCITE_DATA=/paycite/volume). A new volume takes over this mode, and is
# then writable whichever user `docker run --user` names.
RUN mkdir -m 1777 volume

# A number, because Kubernetes cannot tell whether a name is root.
USER 10001:10001
EXPOSE 8000
# Past any proxy that the container is told of: the question is whether this server answers.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "-c", "from urllib.request import ProxyHandler, build_opener; build_opener(ProxyHandler({})).open('http://127.0.0.1:8000/ready', timeout=4)"]
CMD ["paycite", "serve", "--host", "0.0.0.0", "--port", "8000"]
