{{ config(indexes=[{'columns': ['community_code']}, {'columns': ['geometry'], 'type': 'gist'}]) }}

-- A boundary lasts from one change of any grid of the community to the next.
with known as (
    select *
    from {{ ref('dim_grid_history') }}
    where recorded_to is null and community_code is not null
),

change as (
    select
        community_code,
        true_from as changed_on
    from known
    union
    select
        community_code,
        true_to as changed_on
    from known
    where true_to is not null
),

period as (
    select
        community_code,
        changed_on as true_from,
        lead(changed_on) over (partition by community_code order by changed_on nulls first) as true_to
    from change
)

select
    period.community_code,
    period.true_from,
    period.true_to,
    count(*) as grids,
    st_multi(st_union(known.geometry)) as geometry
from period
inner join known
    on
        period.community_code = known.community_code
        and coalesce(known.true_from, date '0001-01-01') <= coalesce(period.true_from, date '0001-01-01')
        and (known.true_to is null or known.true_to > coalesce(period.true_from, date '0001-01-01'))
group by period.community_code, period.true_from, period.true_to
