"""What pyproject.toml cannot say: content/ is beside the package in a checkout, and inside it in a wheel."""

from setuptools import find_namespace_packages, setup

setup(packages=[*find_namespace_packages(include=["bot", "bot.*"]), "bot._content"])
