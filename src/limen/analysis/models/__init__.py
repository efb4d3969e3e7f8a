"""One file a model of rows as they stand, named as `limen analyse --method` names it, each with a `MODEL`."""
