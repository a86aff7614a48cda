"""What pyproject.toml cannot say: content/ is at the top of the repository, and inside the package in a wheel."""

from setuptools import find_namespace_packages, setup

setup(packages=[*find_namespace_packages(include=["bot", "bot.*"]), "bot._content"])
