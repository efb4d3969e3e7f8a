"""The check of every signature at run time: shapes by jaxtyping, types by beartype, an int where a float is asked."""

from beartype import BeartypeConf, beartype

check = beartype(conf=BeartypeConf(is_pep484_tower=True))
