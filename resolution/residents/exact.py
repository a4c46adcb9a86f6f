"""Records that are one person by rules that need no weighing, the surest first.

The same usable number; what is left of a damaged number, and the name; the same full name and
phone; the same full name, birth date and home. A person of one number never takes in another.
"""

import polars as pl

from resolution.clusters.exact import OWN_RECORD
from resolution.clusters.labels import by_shared_keys
from resolution.residents.dates import differ
from resolution.residents.features import HOMES

BY_NUMBER = "exact_id_number"
BY_STEM = "damaged_id_number"
BY_PHONE = "name_and_phone"
BY_HOME = "name_birth_date_and_home"
RULES = (BY_STEM, BY_PHONE, BY_HOME)
STEMS = (17, 15)  # digits left of a number with a wrong check digit, and of one rounded by Excel
ASKED = ("row", "identifier", "number_stem", "name", "born", "phone", *HOMES)
ROUNDS = 2  # what was taken in may bring the next one in by another key


def exact_clusters(rows: pl.DataFrame) -> pl.DataFrame:
    """Return ``row``, ``cluster`` (the number of its first row) and ``rule`` for each row.

    Takes what :func:`resolution.residents.features.features` returns.
    """
    number = pl.col("identifier")
    rows = rows.select(*ASKED)
    first = pl.col("row").min().over(pl.when(number.is_not_null()).then(number.hash()))
    known = rows.with_columns(cluster=first).filter(number.is_not_null())
    rest = rows.filter(number.is_null())
    found = [known.select("row", "cluster", rule=pl.lit(BY_NUMBER))]
    for _ in range(ROUNDS):
        taken = _taken_in(rest, known)
        found.append(taken)
        known = rest.join(taken.select("row", "cluster"), on="row")
        rest = rest.join(taken, on="row", how="anti")
    return pl.concat([*found, _among_themselves(rest)]).sort("row")


def _taken_in(rest: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that agree with exactly one known person, by the surest rule."""
    taken = [
        _answers(rest, known, keys, rule)
        for rule, keys in (
            *((BY_STEM, (_stem(length), _start_of_number(length))) for length in STEMS),
            (BY_PHONE, (pl.col("phone"), pl.col("phone"))),
            *((BY_HOME, (pl.col(mine), pl.col(other))) for mine in HOMES for other in HOMES),
        )
    ]
    return pl.concat(taken).unique("row", keep="first", maintain_order=True)


def _answers(
    rest: pl.DataFrame, known: pl.DataFrame, keys: tuple[pl.Expr, pl.Expr], rule: str
) -> pl.DataFrame:
    """Ask by one key, and by full name; birth dates must fit, for homes be the same."""
    mine, other = keys
    full = pl.col("name").str.len_chars() > 1
    asking = rest.filter(full & mine.is_not_null()).select("row", "name", "born", key=mine.hash())
    told = known.select("cluster", "name", "born", key=other.hash())
    met = asking.join(told, on="key", suffix="_known").filter(
        pl.col("name") == pl.col("name_known")
    )
    born, theirs = pl.col("born"), pl.col("born_known")
    fits = born == theirs if rule == BY_HOME else ~differ(born, theirs).fill_null(False)
    one = met.group_by("row").agg(
        pl.col("cluster").min(),
        several=pl.col("cluster").min() != pl.col("cluster").max(),
        fits=fits.all(),
    )
    return one.filter(~pl.col("several") & pl.col("fits")).select(
        "row", "cluster", rule=pl.lit(rule)
    )


def _stem(length: int) -> pl.Expr:
    stem = pl.col("number_stem")
    return pl.when(stem.str.len_chars() == length).then(stem)


def _start_of_number(length: int) -> pl.Expr:
    return pl.col("identifier").str.head(length)


def _among_themselves(rows: pl.DataFrame) -> pl.DataFrame:
    """Cluster rows that no known person took in by the same keys."""
    name = pl.when(pl.col("name").str.len_chars() > 1).then("name")
    keys = {
        "stem": (pl.col("number_stem"), name),
        "phone": (pl.col("phone"), name),
        **{home: (pl.col(home), pl.col("born"), name) for home in HOMES},
    }
    keyed = rows.select(
        "row", "born",
        *(
            pl.when(pl.all_horizontal(part.is_not_null() for part in parts))
            .then(pl.struct(*parts).hash())
            .alias(key)
            for key, parts in keys.items()
        ),
    )  # fmt: skip
    label = by_shared_keys(keyed, list(keys))
    clusters = keyed.with_columns(cluster=label)
    # column by column: within one expression, polars would compare dates group by group
    clusters = clusters.with_columns(first=pl.col("born").drop_nulls().first().over("cluster"))
    clusters = clusters.with_columns(torn=differ(pl.col("born"), pl.col("first")).fill_null(False))
    torn = pl.col("torn").any().over("cluster")
    clusters = clusters.with_columns(cluster=pl.when(torn).then("row").otherwise("cluster"))
    met = {key: pl.len().over(key) > 1 for key in keys}
    by_phone = pl.col("phone").is_not_null() & met["phone"]
    return clusters.select(
        "row",
        "cluster",
        rule=pl.when(pl.len().over("cluster") == 1)
        .then(pl.lit(OWN_RECORD))
        .when(by_phone)
        .then(pl.lit(BY_PHONE))
        .otherwise(pl.lit(BY_HOME)),
    )
