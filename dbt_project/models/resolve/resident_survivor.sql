{{ config(indexes=[{'columns': ['resident_id'], 'unique': true}]) }}

with authority as (
    select
        department,
        max(rank) filter (where field = 'name') as name_rank,
        max(rank) filter (where field = 'sex') as sex_rank,
        max(rank) filter (where field = 'birth_date') as birth_date_rank,
        max(rank) filter (where field = 'phone') as phone_rank,
        max(rank) filter (where field = 'address') as address_rank
    from {{ ref('authority') }}
    group by department
),

chosen as (
    select
        link.resident_id,
        {{ by_authority('record.name', 'authority.name_rank') }} as name,
        {{ by_authority('record.sex_code', 'authority.sex_rank') }} as sex_code,
        {{ by_authority('record.birth_date', 'authority.birth_date_rank') }} as birth_date,
        {{ by_authority('record.phone', 'authority.phone_rank') }} as phone,
        {{ by_authority('record.address', 'authority.address_rank') }} as address,
        {{ by_authority('record', 'record.identifier is null, authority.name_rank', given='record.id_number_status') }}
            as id_record,
        count(distinct record.source_system) as source_count
    from {{ ref('resident_crosswalk') }} as link
    inner join {{ ref('resident_record') }} as record using (source_system, source_key)
    left join authority on authority.department = split_part(record.source_system, '.', 1)
    where link.valid_to is null
    group by link.resident_id
)

select
    resident_id,
    name,
    sex_code,
    birth_date,
    phone,
    address,
    (id_record).id_number as id_number,
    (id_record).id_number_status as id_status,
    (id_record).id_number_rule as id_rule,
    source_count
from chosen
