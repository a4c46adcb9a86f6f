-- Data are as new as the newest batch that was landed.
select
    newest.as_of,
    (newest.as_of at time zone '{{ var("time_zone") }}')::date as as_of_date
from (
    select coalesce(max(extracted_at), now()) as as_of
    from {{ source('ops', 'batch') }}
    where status = 'landed'
) as newest
