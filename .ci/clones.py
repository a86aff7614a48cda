"""What the scripts here share: a clone of what is committed, and a line that says how far they are."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def clone(folder: Path) -> Path:
    """A clone of what is committed, whoever owns the repository."""
    config = folder / "gitconfig"
    config.write_text("[safe]\n\tdirectory = *\n")
    target = folder / "clone"
    environment = os.environ | {"GIT_CONFIG_GLOBAL": str(config)}
    subprocess.run(
        ["git", "clone", "-q", "--no-hardlinks", str(ROOT), str(target)], check=True, env=environment
    )
    return target
