"""What an operator is given to run the bot with: the systemd unit, the container, compose.yaml, the backups.

No container engine builds anything here: `.ci/image.py` goes through the Dockerfile's steps.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.alerts import KINDS
from bot.config import Settings
from bot.domain.decision import Priority
from bot.metrics import RESULTS, Metrics
from tests.acceptance.harness import ROOT
from tests.integration.test_alerts import logged

UNIT = ROOT / "deploy/stillhere.service"
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SETTINGS = {name.upper() for name in Settings.model_fields}
MOST_EXPOSED = 20
"""Of 100: it needs the net, and what is left is that."""


def systemd_analyze(*arguments: str) -> str:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not there (Debian: apt install systemd)")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if "Unknown command" in done.stderr or "unrecognized option" in done.stderr:
        pytest.skip("this systemd is too old for that")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stderr


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    # Here it is not installed: something that is there stands in its place.
    text = UNIT.read_text("utf-8").replace("/opt/stillhere/bin/stillhere", sys.executable)
    (tmp_path / UNIT.name).write_text(text)
    assert systemd_analyze("verify", str(tmp_path / UNIT.name)) == ""


def test_the_unit_leaves_little_exposed() -> None:
    systemd_analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", str(UNIT))


def test_the_unit_knows_how_the_bot_ends() -> None:
    text = UNIT.read_text("utf-8")
    assert "RestartPreventExitStatus=2" in text
    assert re.search(r"^ExecStart=/opt/stillhere/bin/stillhere run$", text, re.MULTILINE)
    [seconds] = re.findall(r"^TimeoutStopSec=(\d+)$", text, re.MULTILINE)
    assert int(seconds) >= 15, "it has ten, and what looks up cities some more"


# -- the container


def test_the_image_is_no_root_and_asks_for_its_health() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER [1-9]\d+:[1-9]\d+$", last, re.MULTILINE)
    assert re.search(r'^HEALTHCHECK .*CMD \["stillhere", "alive"\]$', last, re.MULTILINE)
    assert "COPY --from=build /opt/stillhere /opt/stillhere" in last
    assert "pip install" not in last, "nothing is built in what is shipped"
    assert not re.search(r"(?i)token=|secret=|password=|data_key=", DOCKERFILE)


def test_what_the_image_sets_are_settings() -> None:
    [block] = re.findall(r"^ENV ((?:.*\\\n)*.*)$", DOCKERFILE, re.MULTILINE)
    names = set(re.findall(r"([A-Z_]+)=", block))
    assert names - SETTINGS == {"PATH", "HOME", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}


def test_nothing_private_gets_into_the_image() -> None:
    rules = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert rules[0] == "*", "what is not named stays out: .env, data, keys, history"
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert set(copied) == allowed


# -- compose.yaml


def test_compose_gives_the_bot_settings_and_no_secrets() -> None:
    bot = COMPOSE["services"]["bot"]
    assert set(bot["environment"]) <= SETTINGS
    assert bot["env_file"] == ".env"
    text = (ROOT / "compose.yaml").read_text("utf-8")
    assert set(re.findall(r"\$\{(\w+)", text)) == {"POSTGRES_PASSWORD", "BACKUP_KEEP_DAYS"}
    assert text.count("${POSTGRES_PASSWORD:?") == text.count("${POSTGRES_PASSWORD"), "never an empty one"


@pytest.mark.parametrize("service", ["bot", "backup"])
def test_compose_hardens_what_it_can(service: str) -> None:
    given = COMPOSE["services"][service]
    assert given["read_only"] is True
    assert given["cap_drop"] == ["ALL"]
    assert given["security_opt"] == ["no-new-privileges:true"]
    assert given["tmpfs"] == ["/tmp"]


def test_compose_opens_no_port_and_keeps_key_database_and_backups_apart() -> None:
    services = COMPOSE["services"]
    assert not any("ports" in service for service in services.values())
    volumes = {
        name: {mount.partition(":")[0] for mount in service["volumes"]} & set(COMPOSE["volumes"])
        for name, service in services.items()
    }
    assert volumes == {"bot": {"key"}, "database": {"database"}, "backup": {"backups"}}
    for name in ("bot", "backup"):
        assert services[name]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert services["backup"]["image"] == services["database"]["image"], "the dump is of the same version"


# -- the script of the backups


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """In the place of PostgreSQL's own: a dump that holds a word, and what says whether it is whole."""
    folder = tmp_path / "tools"
    folder.mkdir()
    (folder / "pg_dump").write_text(
        '#!/bin/sh\nfor each; do case $each in --file=*) echo whole > "${each#--file=}";; esac; done\n'
    )
    (folder / "pg_restore").write_text('#!/bin/sh\ngrep -q whole "$2"\n')
    for each in folder.iterdir():
        each.chmod(0o755)
    return folder


def back_up(tools: Path, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    folder.mkdir(exist_ok=True)
    environment = {"PATH": f"{tools}:{os.environ['PATH']}", "BACKUP_DIR": str(folder), **more}
    command = ["/bin/sh", str(ROOT / "deploy/backup.sh"), "now"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_dump_gets_its_name_when_it_is_whole_and_only_our_old_ones_go(tools: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    old = {"stillhere-2026-01-01.dump", "stillhere-2026-01-01.dump.kept", "other.dump", "notes"}
    for name in old:
        (folder / name).touch()
        os.utime(folder / name, (0, 0))
    assert back_up(tools, folder, BACKUP_KEEP_DAYS="3").returncode == 0
    left = {file.name for file in folder.iterdir()}
    [made] = left - old
    assert re.fullmatch(r"stillhere-\d{4}-\d\d-\d\d\.dump", made)
    assert (folder / made).stat().st_mode & 0o777 == 0o600
    assert old - left == {"stillhere-2026-01-01.dump"}


@pytest.mark.parametrize("broken", ["pg_dump", "pg_restore"])
def test_a_dump_that_is_not_whole_costs_no_older_one(tools: Path, tmp_path: Path, broken: str) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "stillhere-2026-01-01.dump").touch()
    os.utime(folder / "stillhere-2026-01-01.dump", (0, 0))
    (tools / broken).write_text("#!/bin/sh\nexit 1\n")
    done = back_up(tools, folder)
    assert done.returncode == 1
    assert "older ones stay" in done.stderr
    assert [file.name for file in folder.iterdir()] == ["stillhere-2026-01-01.dump"]


# -- the rules for Prometheus, and the page

PAGE = (ROOT / "docs/operating.md").read_text("utf-8")
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((ROOT / "deploy/alerts.yaml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]


def section(heading: str) -> str:
    return re.split(r"^##+ ", PAGE.partition(f"# {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def test_every_rule_asks_for_figures_there_are() -> None:
    exposed = set(re.findall(r"^# TYPE (\S+)", Metrics().text().decode(), re.MULTILINE))
    for rule in RULES:
        for name in re.findall(r"stillhere_\w+", rule["expr"]):
            assert name in exposed or re.sub(r"_(bucket|count|sum)$", "", name) in exposed, rule["alert"]


def test_every_rule_names_labels_and_events_there_are() -> None:
    """A pattern that fits nothing would never call anybody."""
    events = set(logged())
    values = {"priority": {each.name.lower() for each in Priority}, "kind": {"promise", "reminder"}}
    values |= {"result": set(RESULTS.values()), "event": events, "job": {"stillhere"}}
    for rule in RULES:
        for label, patterns in re.findall(r'(\w+)=~?"([^"]+)"', rule["expr"]):
            for pattern in patterns.split("|"):
                assert any(re.fullmatch(pattern, each) for each in values[label]), (rule["alert"], pattern)


def test_the_page_says_what_each_alert_and_figure_means() -> None:
    alerts = set(re.findall(r"^\| `(StillHere\w+)` \|", section("When Prometheus calls"), re.MULTILINE))
    assert alerts == {rule["alert"] for rule in RULES}
    exposed = re.findall(r"^# TYPE stillhere_(\S+) (\w+)", Metrics().text().decode(), re.MULTILINE)
    figures = section("Is it up, and how does it do?")
    for name, kind in exposed:
        if not name.endswith("_created"):
            assert f"`{name}`" in figures, (name, kind)


def test_the_page_says_what_to_do_about_each_message() -> None:
    named = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", section("When the bot calls")))
    assert named == set(KINDS)
