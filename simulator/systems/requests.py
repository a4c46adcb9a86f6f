"""民生诉求: all channels in one table, in real time. Names for codes, callers half known."""

import polars as pl

from simulator.systems.view import View
from simulator.tables import table
from simulator.truth.district import District
from simulator.truth.progress import known

STREET_OFFICE = "街道办事处"
ASKS = {"咨询": "请予答复。", "求助": "请尽快帮助解决。", "投诉": "请相关部门处理。",
        "举报": "请依法查处。", "建议": "希望采纳。", "表扬": "特此感谢。"}  # fmt: skip


def requests(district: District) -> pl.DataFrame:
    """Return the requests (pingshan_stat_info), each as far as it has come."""
    full, courtesy = (pl.col("gives_name") == way for way in ("full", "courtesy"))
    title = pl.when(pl.col("male")).then(pl.lit("先生")).otherwise(pl.lit("女士"))
    somewhere = pl.col("place") != "none"
    assigned = pl.col("assigned_at") <= pl.col("updated_at")
    return _with_all(district).select(
        create_time="accepted_at",
        occur_time="began_at",
        address="address",
        district_name="district_name",
        street_name="street_name",
        community_name="community_name",
        cell_name=pl.when(somewhere).then("grid_name"),
        coordinate_x=pl.when(somewhere).then("lon"),
        coordinate_y=pl.when(somewhere).then("lat"),
        event_type_name="event_type",
        main_type_name="main_type",
        sub_type_name="sub_type",
        third_type_name="third_type",
        event_property_name="kind",
        event_src_name="source",
        rec_type_name="channel",
        event_grade_name="grade",
        event_desc=_description(),
        caller_name=pl.when(full).then("name")
        .when(courtesy).then(pl.col("surname") + title),
        caller_phone="phone",
        caller_id_card=pl.when(full | courtesy).then("id_number"),
        first_unit_name=pl.when(assigned).then(_charged()),
        dispose_unit_name=pl.when(assigned).then(_disposer()),
        dispose_begin_time=known("assigned_at"),
        deadline_time=pl.when(assigned).then("due_at"),
        dispose_end_time=known("closed_at"),
        evaluate_name=pl.when(pl.col("rated_at") <= pl.col("updated_at")).then("rating"),
        archive_time=known("archived_at"),
        state="state",
        update_time="updated_at",
    )  # fmt: skip


def _with_all(district: District) -> pl.DataFrame:
    """Return the requests with their facts, what the facts are about, places and callers."""
    person = district["person"].select(
        "person_id", "name", "male", "phone", "id_number", surname=_surname()
    )
    code, asked = pl.col("community_code"), district["request"]["fact_id"]
    rows = district["request"].with_columns(
        district_name=_name_of("areas", code.str.head(6)),
        street_name=_name_of("streets", code.str.head(9)),
    )
    fact = district["fact"].filter(pl.col("fact_id").is_in(asked.unique().to_list()))
    for other, key in [
        (fact.drop("community_code"), "fact_id"),
        (table("request_types"), "type_code"),
        (district["grid"].select("grid_code", "grid_name", "community_name"), "grid_code"),
        (person, "person_id"),
    ]:
        rows = rows.join(other, on=key, how="left", maintain_order="left")
    return rows


def _surname() -> pl.Expr:
    double = table("surnames").filter(pl.col("surname").str.len_chars() > 1)["surname"]
    name = pl.col("name")
    is_double = name.str.head(2).is_in(double.to_list())
    return pl.when(is_double).then(name.str.head(2)).otherwise(name.str.head(1))


def _name_of(list_: str, code: pl.Expr) -> pl.Expr:
    names = table(list_)
    return code.replace_strict(names["code"], names["name"])


def _charged() -> pl.Expr:
    of_street = pl.col("unit") == STREET_OFFICE
    return pl.when(of_street).then(pl.col("street_name") + "办事处").otherwise("unit")


def _disposer() -> pl.Expr:
    """Return who does the work: the street's office sends its squad or the community's station."""
    squad = pl.col("street_name") + "综合行政执法队"
    station = pl.col("community_name") + "工作站"
    sent = pl.when(pl.col("place") == "street").then(squad).otherwise(station)
    return pl.when(pl.col("unit") == STREET_OFFICE).then(sent).otherwise("unit")


def _description() -> pl.Expr:
    again = pl.when("repeats").then(pl.lit("此前已有人反映，至今未解决，"))
    return pl.concat_str(
        pl.col("source") + "反映：",
        pl.when(pl.col("address").is_not_null())
        .then(pl.col("address") + "，")
        .otherwise(pl.lit("")),
        pl.col("phrase") + "，",
        again.otherwise(pl.lit("")),
        pl.col("kind").replace_strict(ASKS),
    )


VIEWS = [
    View(
        "requests",
        "request",
        "task_num",
        requests,
        "request",
        numbering="PS",
        stamp="update_time",
        live=True,
    )
]
