# gan-bench from a checkout, on a CPU or a CUDA base:
#
#   docker build -t bench .
#   docker build -t bench --build-arg BASE=nvidia/cuda:12.8.1-runtime-ubuntu24.04 --build-arg TORCH=cu128 .
#   docker run --rm -v "$PWD/results:/work/results" bench run --objective ns
ARG BASE=ubuntu:24.04
FROM ${BASE}

# The index of PyTorch's wheels: cpu, or the CUDA version of the base, such as cu128.
ARG TORCH=cpu
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends python3 python3-venv git \
 && rm -rf /var/lib/apt/lists/*
RUN python3 -m venv /opt/gan-bench
ENV PATH=/opt/gan-bench/bin:$PATH
RUN pip install --no-cache-dir torch torchvision --index-url https://download.pytorch.org/whl/${TORCH}
COPY . /src
RUN pip install --no-cache-dir "/src[tune,tensorboard]"

# Any user may run it: caches go where everyone may write, and records into the working directory.
ENV XDG_CACHE_HOME=/tmp/cache MPLCONFIGDIR=/tmp/matplotlib
WORKDIR /work
RUN chmod 777 /work
ENTRYPOINT ["gan-bench"]
CMD ["--help"]
