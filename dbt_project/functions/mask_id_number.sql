-- First and last character only: beside a birth date in clear, the usual 6 + 4 would give all away.
select left(id_number, 1) || repeat('*', length(id_number) - 2) || right(id_number, 1)
