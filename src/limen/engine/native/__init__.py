"""The same model as machine code for this processor: traced once in JAX, eight participants to a vector register.

`run` is the way in. JAX stays the one source of a model; where an equation has no vector form here, JAX runs it.
"""
