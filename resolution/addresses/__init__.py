"""Chinese addresses: their levels, and the building and dwelling that they name.

:func:`parse.parse` takes addresses apart; :func:`gazetteer.build` learns from what departments say
which codes belong to which addresses; :func:`match.resolve` finds the codes of any address.
"""
