{{ config(indexes=[{'columns': ['legal_person_id', 'source_system'], 'unique': true}, {'columns': ['resident_id']}]) }}

with said as (
    select
        'market_regulation.business' as source_system,
        record_number as source_key,
        representative as name,
        _recorded_from
    from {{ ref('stg_market_regulation__business') }}
    where representative is not null
    union all
    select
        'civil_affairs.social_organisation' as source_system,
        registration_number as source_key,
        legal_representative as name,
        _recorded_from
    from {{ ref('stg_civil_affairs__social_organisation') }}
    where legal_representative is not null
),

representative as (
    select distinct on (link.legal_person_id, said.source_system)
        link.legal_person_id,
        said.source_system,
        said.name
    from said
    {{ join_link('legal_person', 'said.source_system', 'said.source_key') }}
    where link.legal_person_id is not null
    order by link.legal_person_id, said.source_system, said._recorded_from desc, said.source_key
),

operator as (
    select
        business.legal_person_id,
        min(person.resident_id) as resident_id
    from {{ ref('small_place_business') }} as business
    inner join {{ ref('bridge_resident_small_place') }} as person using (place_number)
    where business.is_run_by_representative and person.role = 'operator'
    group by business.legal_person_id
    having count(distinct person.resident_id) = 1
)

select
    representative.legal_person_id,
    representative.source_system,
    operator.resident_id,
    {{ function('mask_name') }}(representative.name) as masked_name,
    case when operator.resident_id is not null then 'operator_of_the_place' else 'name_only' end as rule
from representative
left join operator using (legal_person_id)
