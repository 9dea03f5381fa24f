"""The files of deploy/: they agree with each other and with the app, and the Dockerfile's steps can be done."""

import configparser
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.helpers.server import ROOT

DEPLOY = ROOT / "deploy"
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


@pytest.mark.slow
def test_the_steps_of_the_dockerfile_end_in_a_server_that_is_ready():
    """The packages are those of the tests; `deploy/try_dockerfile` without options installs them."""
    command = [sys.executable, DEPLOY / "try_dockerfile", "--packages", sys.prefix]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=230)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"ready":true' in done.stdout and "SIGTERM ends the server with status 0" in done.stdout
    if os.geteuid() == 0:
        assert "It runs as user 1000" in done.stdout


def test_the_image_has_no_secrets_and_runs_without_root():
    assert re.search(r"^USER 1000:1000$", DOCKERFILE, re.M) and re.search(r"^HEALTHCHECK ", DOCKERFILE, re.M)
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert ignored[1] == "*" and ".streamlit/secrets.toml" in ignored
    for name in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.M):
        assert all((ROOT / each).exists() for each in name.split())


def test_compose_and_nginx_name_the_same_replicas():
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    services = compose["services"]
    replicas = set(services) - {"proxy"}
    nginx = (DEPLOY / "nginx.conf").read_text("utf-8")
    assert set(re.findall(r"server (\w+):8501", nginx)) == replicas and len(replicas) == 2
    assert set(services["proxy"]["depends_on"]) == replicas
    for replica in replicas:
        service = services[replica]
        assert service["read_only"] is True and service["tmpfs"] and service["cap_drop"] == ["ALL"]
        assert service["volumes"] == ["models:/models"]
    assert "8501" not in str(services["proxy"].get("ports")) and "ports" not in compose["x-app"]


def test_the_proxy_takes_uploads_as_large_as_the_app_does():
    nginx = (DEPLOY / "nginx.conf").read_text("utf-8")
    most = int(re.search(r"client_max_body_size (\d+)m;", nginx).group(1))
    accepted = int(re.search(r"^maxUploadSize = (\d+)$", (ROOT / ".streamlit/config.toml").read_text(), re.M).group(1))
    assert accepted < most <= accepted + 20


def test_the_unit_asks_whether_the_server_is_ready_and_lets_it_end():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(DEPLOY / "speech-emotion.service")
    service = unit["Service"]
    assert "/health" in service["ExecStartPost"] and "streamlit run app.py" in service["ExecStart"]
    assert (
        service["KillSignal"] == "SIGTERM" and service["ProtectSystem"] == "strict" and service["DynamicUser"] == "yes"
    )


def test_a_space_has_its_settings_its_dockerfile_and_nothing_that_is_not_under_version_control(tmp_path):
    stray = ROOT / "models" / "stray-of-a-test.json"
    stray.write_text("{}")
    try:
        subprocess.run([DEPLOY / "huggingface-space" / "make", tmp_path], check=True, capture_output=True)
    finally:
        stray.unlink()
    settings = yaml.safe_load((tmp_path / "README.md").read_text("utf-8").split("---")[1])
    assert settings["sdk"] == "docker" and settings["app_port"] == 8501 and len(settings["short_description"]) <= 60
    dockerfile = (tmp_path / "Dockerfile").read_text("utf-8")
    assert "ENV STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION=false\n" in dockerfile and "VOLUME" not in dockerfile
    assert dockerfile.index("ENV SER_MODELS=/tmp/models") > dockerfile.index("SER_MODELS=/models")
    assert dockerfile.index("ENV SER_KEEP=0") < dockerfile.index("USER 1000")
    assert not (tmp_path / "models" / stray.name).exists() and (tmp_path / "models" / "default.json").is_file()
    for name in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.M):
        assert all((tmp_path / each).exists() for each in name.split())


def test_community_cloud_finds_what_it_looks_for():
    for name in ("app.py", "requirements.txt", ".streamlit/config.toml"):
        assert (ROOT / name).is_file()
    assert not (ROOT / "packages.txt").exists() and not Path(ROOT / "environment.yml").exists()
