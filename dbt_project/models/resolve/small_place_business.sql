{{ config(indexes=[{'columns': ['place_number'], 'unique': true}]) }}

-- The business that bears the name of the place; where several do, the one whose representative runs it.
with candidate as (
    select
        place.place_number,
        link.legal_person_id,
        coalesce(business.representative = place.operator_name, false) as is_run_by_representative
    from {{ ref('stg_grid__small_place') }} as place
    inner join {{ ref('stg_market_regulation__business') }} as business using (name)
    {{ join_link('legal_person', "'market_regulation.business'", 'business.record_number') }}
    where link.legal_person_id is not null
),

best as (
    select
        place_number,
        is_run_by_representative,
        min(legal_person_id) as legal_person_id,
        count(distinct legal_person_id) as candidates
    from candidate
    group by place_number, is_run_by_representative
)

select distinct on (place_number)
    place_number,
    legal_person_id,
    is_run_by_representative
from best
where candidates = 1
order by place_number, is_run_by_representative desc
