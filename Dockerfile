# The web demo: `docker build -t speech-emotion .`. docs/deploy.md says how to run it, also with HTTPS and replicas.
# No package of the system is needed: the wheels of soundfile and PyAV bring the libraries that decode audio.

FROM python:3.12-slim AS packages
WORKDIR /app
COPY requirements.txt ./
RUN python -m venv /venv
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

FROM python:3.12-slim
WORKDIR /app
COPY --from=packages /venv /venv
COPY app.py LICENSE ./
COPY .streamlit ./.streamlit
COPY pages ./pages
COPY ser ./ser
COPY models ./models
# The root is read-only when it runs, so that what Python compiles has to be there before.
RUN /venv/bin/python -m compileall -q app.py pages ser
RUN mkdir -p /models && chown 1000:1000 /models
# Streamlit and its libraries write below HOME and into /tmp, which is a tmpfs when it runs.
ENV PATH=/venv/bin:/usr/local/bin:/usr/bin:/bin \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SER_MODELS=/models \
    STREAMLIT_LOGGER_HIDE_WELCOME_MESSAGE=true
USER 1000:1000
VOLUME /models
EXPOSE 8501
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8501/health', timeout=4)"]
CMD ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501", "--server.headless=true"]
