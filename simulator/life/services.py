"""What departments do for people: benefits, family doctors, visits; and party membership."""

from datetime import timedelta

import numpy as np
import polars as pl

from simulator.life.day import Day
from simulator.life.people import LIVING, birthday
from simulator.randomness import pick
from simulator.tables import settings
from simulator.truth import care
from simulator.truth.party import BRANCH

CHILD, ELDERLY, ADULT = 7, 65, 18


def serve(day: Day) -> None:
    """Let the day pass in the offices that serve people."""
    _start_benefits(day)
    _stop_benefits(day)
    _sign_contracts(day)
    _change_contracts(day)
    _visit(day)
    _join_the_party(day)
    _move_in_the_party(day)


def _start_benefits(day: Day) -> None:
    """Open files of registered people who turn 80, and lift those who turn 90 and 100."""
    rules, rng = settings("habits")["old_age"], day.rng("old age")
    file = day.district["old_age_benefit"]
    due = day.district["person"].filter(
        LIVING & birthday(day) & (pl.col("residence_kind") <= 2) & (pl.col("age") >= 80)
    )
    limits = {80: 0, 90: 1, 100: 2}
    bands = list(rules["bands"].items())
    due = due.filter(pl.col("age").is_in(list(limits))).with_columns(
        at=pl.col("age").replace_strict(limits)
    )
    due = due.select(
        "person_id",
        "community_code",
        band=pl.col("at").replace_strict({i: name for i, (name, _) in enumerate(bands)}),
        amount=pl.col("at").replace_strict({i: amount for i, (_, amount) in enumerate(bands)}),
        ended=pl.lit(False),
        last_paid=pl.lit(f"{day.date:%Y%m}"),
        noticed=pl.lit(None, pl.Date),
    ).cast(dict(file.schema))  # type: ignore[arg-type]
    lifted = due.join(file.select("person_id"), on="person_id", how="semi", maintain_order="left")
    new = due.join(file, on="person_id", how="anti", maintain_order="left")
    new = new.filter(pl.Series(rng.random(len(new)) < rules["covered"]))
    day.note("benefit_start", "old_age_benefit", new.select(id="person_id", after="band"))
    day.note("benefit_band", "old_age_benefit", lifted.select(id="person_id", after="band"))
    file = file.update(lifted.select("person_id", "band", "amount"), on="person_id")
    day.district["old_age_benefit"] = pl.concat([file, new])


def _stop_benefits(day: Day) -> None:
    """Notice deaths and departures late, stop those noticed, pay the others each month."""
    file, rng = day.district["old_age_benefit"], day.rng("benefit stops")
    gone = day.happened("death", "departure")["id"].to_list()
    low, high = settings("life")["old_age"]["death_noticed_days"]
    lag = pl.Series(rng.integers(low, high + 1, len(file)))
    notice = pl.lit(day.date) + pl.duration(days=pl.lit(lag))
    newly = pl.col("person_id").is_in(gone) & ~pl.col("ended")
    file = file.with_columns(noticed=pl.when(newly).then(notice).otherwise("noticed"))
    stops = ~pl.col("ended") & (pl.col("noticed") <= day.date).fill_null(False)
    day.note("benefit_stop", "old_age_benefit", file.filter(stops).select(id="person_id"))
    file = file.with_columns(ended=pl.col("ended") | stops)
    if day.date.day == 1:
        day.touch("old_age_benefit", file.filter(~pl.col("ended"))["person_id"])
        month = pl.lit(f"{day.date:%Y%m}")
        file = file.with_columns(last_paid=pl.when("ended").then("last_paid").otherwise(month))
    day.district["old_age_benefit"] = file


def _sign_contracts(day: Day) -> None:
    """Sign people without a contract, and renew most of those that end today."""
    rng, rules = day.rng("contracts"), settings("life")["family_doctor"]
    contract, person = day.district["family_doctor_contract"], day.district["person"]
    running = contract.filter(pl.col("ends") > day.date).select("person_id")
    free = person.filter(LIVING).join(running, on="person_id", how="anti", maintain_order="left")
    age = free["age"].to_numpy()
    share = rules["signs"]
    yearly = np.select(
        [age < CHILD, age >= ELDERLY], [share["child"], share["elderly"]], share["adult"]
    )
    signer = free.filter(pl.Series(day.happens(yearly, rng)))
    offices = contract.unique("community_code", keep="first", maintain_order=True)
    doctors = _doctors(contract, signer["community_code"], rng)
    new = signer.select("person_id", "community_code").with_columns(
        doctor=doctors, labels=care.labels(signer["age"], rng)
    )
    new = new.join(
        offices.select("community_code", "centre"), on="community_code", maintain_order="left"
    )
    ending = contract.filter(pl.col("ends") == day.date).join(
        person.filter(LIVING).select("person_id"), on="person_id", how="semi", maintain_order="left"
    )
    renewed = ending.filter(pl.Series(rng.random(len(ending)) < rules["renews"]))
    renewed = renewed.join(new, on="person_id", how="anti", maintain_order="left").select(
        new.columns
    )
    year = timedelta(days=365 * settings("habits")["family_doctor"]["years"])
    signed = pl.concat([new, renewed]).with_columns(
        signed=pl.lit(day.date), ends=pl.lit(day.date + year)
    )
    signed = signed.with_columns(care.contract_id()).select(contract.columns)
    day.note("contract", "family_doctor_contract", signed.select(id="contract_id", after="doctor"))
    day.district["family_doctor_contract"] = pl.concat([contract, signed])


def _doctors(contract: pl.DataFrame, communities: pl.Series, rng: np.random.Generator) -> pl.Series:
    """Draw a doctor of the community's centre for each of some communities."""
    staff = contract.group_by("community_code", maintain_order=True).agg(
        pl.col("doctor").unique(maintain_order=True)
    )
    draw = pl.Series("draw", rng.integers(0, 2**31, len(communities)))
    found = pl.DataFrame({"community_code": communities}).join(
        staff, on="community_code", how="left", maintain_order="left"
    )
    at = draw % found["doctor"].list.len()
    return found.with_columns(at=at).select(pl.col("doctor").list.get(pl.col("at"))).to_series()


def _change_contracts(day: Day) -> None:
    """Give some contracts another doctor, and let the centres hear of new addresses."""
    rng, contract = day.rng("doctors"), day.district["family_doctor_contract"]
    running = contract["ends"] > day.date
    yearly = np.full(len(contract), float(settings("life")["family_doctor"]["new_doctor"]))
    changes = pl.Series(day.happens(yearly, rng)) & running
    doctors = _doctors(contract, contract["community_code"].filter(changes), rng)
    at = changes.arg_true()
    changed = contract.with_columns(contract["doctor"].clone().scatter(at, doctors))
    other = changed.filter(changes).select(
        id="contract_id", before=contract["doctor"].filter(changes), after="doctor"
    )
    day.note("new_doctor", "family_doctor_contract", other)
    day.district["family_doctor_contract"] = changed
    moved = changed.filter(pl.col("person_id").is_in(day.happened("move")["id"].to_list()))
    day.touch("family_doctor_contract", moved["contract_id"])


def _visit(day: Day) -> None:
    """On the first of a month, write down the visits of the month before."""
    if day.date.day != 1:
        return
    person = day.district["person"].filter(LIVING).select("person_id")
    contract = day.district["family_doctor_contract"].filter(pl.col("ends") > day.date)
    contract = contract.unique("person_id", keep="last", maintain_order=True)
    contract = contract.join(person, on="person_id", how="semi", maintain_order="left")
    visits = care.followups(contract, day.rng("follow-ups"), day.date)
    day.touch("chronic_followup", visits["visit_id"])
    day.district["chronic_followup"] = pl.concat([day.district["chronic_followup"], visits])


def _join_the_party(day: Day) -> None:
    """Admit new members on probation, and full ones after a year."""
    rng, member = day.rng("party joins"), day.district["party_member"]
    able = (
        day.district["person"]
        .filter(LIVING & (pl.col("age") >= ADULT) & (pl.col("residence_kind") <= 4))
        .join(member, on="person_id", how="anti", maintain_order="left")
    )
    count = day.count(len(member) * settings("life")["party"]["joins"], rng)
    joiner = able[pick(rng, np.ones(len(able), bool), count)]
    new = joiner.select(
        "person_id",
        organisation_code=_branches(day, joiner["community_code"], rng),
        joined=pl.lit(day.date),
        probationary=pl.lit(True),
        community_code="community_code",
    )
    full = pl.col("probationary") & (pl.col("joined") <= day.date - timedelta(days=365))
    day.note("party_joined", "party_member", new.select(id="person_id", after="organisation_code"))
    day.note("party_full", "party_member", member.filter(full).select(id="person_id"))
    member = member.with_columns(probationary=pl.col("probationary") & ~full)
    day.district["party_member"] = pl.concat([member, new.select(member.columns)])


def _move_in_the_party(day: Day) -> None:
    """Transfer members to other branches; at each month's begin strike those no longer there."""
    rng, member = day.rng("party transfers"), day.district["party_member"]
    yearly = np.full(len(member), float(settings("life")["party"]["transfers"]))
    moves = pl.Series(day.happens(yearly, rng))
    codes = _branches(day, member["community_code"].filter(moves), rng)
    moved = member["organisation_code"].clone().scatter(moves.arg_true(), codes)
    day.note("party_transfer", "party_member", member.filter(moves).select(
        id="person_id", before="organisation_code", after=codes))  # fmt: skip
    member = member.with_columns(moved)
    if day.date.day == 1:
        living = day.district["person"].filter(LIVING).select("person_id")
        struck = member.join(living, on="person_id", how="anti", maintain_order="left")
        day.note("party_struck", "party_member", struck.select(id="person_id"))
        member = member.join(living, on="person_id", how="semi", maintain_order="left")
    day.district["party_member"] = member


def _branches(day: Day, communities: pl.Series, rng: np.random.Generator) -> pl.Series:
    """Draw a branch in each of some communities."""
    branch = day.district["party_organisation"].filter(pl.col("level") == BRANCH)
    by_place = branch.group_by("community_code", maintain_order=True).agg("organisation_code")
    draw = pl.Series("draw", rng.integers(0, 2**31, len(communities)))
    found = pl.DataFrame({"community_code": communities}).join(
        by_place, on="community_code", how="left", maintain_order="left"
    )
    at = draw % found["organisation_code"].list.len()
    drawn = found.with_columns(at=at).select(pl.col("organisation_code").list.get(pl.col("at")))
    return drawn.to_series()
