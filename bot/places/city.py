"""What a look-up finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class City:
    """A city of 15,000 people or more: its English name, ISO 3166 country code, IANA zone, population."""

    name: str
    country: str
    zone: str
    population: int
