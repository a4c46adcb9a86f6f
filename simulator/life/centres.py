"""What happens at the 党群服务中心 in a day: rooms are booked and used, projects move on."""

from simulator.life.casework import move_on
from simulator.life.day import Day
from simulator.life.people import LIVING
from simulator.truth import centres, projects


def open_doors(day: Day) -> None:
    """Let the day pass at the centres."""
    centre, project = day.district["centre"], day.district["project"]
    living = day.district["person"].filter(LIVING)
    booked = centres.bookings_of_day(day.date, day.seed, centre, living, day.rng("bookings"))
    move_on(day, "booking", booked, centres.BOOKING_STAGES, centres.BOOKING_ENDED)
    proposed = projects.of_day(day.date, centre, project, living, day.rng("projects"))
    move_on(day, "project", proposed, projects.STAGES, projects.ENDED)
