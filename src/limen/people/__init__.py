"""Virtual participants."""

from limen.people.recruit import DRAWS_PER_PERSON, Population, recruit

__all__ = ["DRAWS_PER_PERSON", "Population", "recruit"]
