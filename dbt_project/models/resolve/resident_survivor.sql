{{ config(indexes=[{'columns': ['resident_id'], 'unique': true}]) }}

with chosen as (
    select
        entity_id as resident_id,
        max(value) filter (where field = 'name') as name,
        max(value) filter (where field = 'sex') as sex_code,
        max(value) filter (where field = 'birth_date')::date as birth_date,
        max(value) filter (where field = 'phone') as phone,
        max(value) filter (where field = 'address') as house_code,
        max(value) filter (where field = 'written_address') as written_address,
        max(statement_number) filter (where field = 'id_number') as id_statement_number
    from {{ ref('resident_choice') }}
    group by entity_id
),

-- A number that cannot be read is not chosen, yet it says why there is none.
unreadable as (
    select distinct on (resident_id)
        resident_id,
        statement_number
    from {{ ref('resident_statement') }}
    where id_number is null and id_number_status is not null
    order by resident_id, statement_number
),

counted as (
    select
        resident_id,
        count(distinct source_system) as source_count
    from {{ ref('resident_statement') }}
    group by resident_id
),

-- How a dwelling is usually written: the surest, then the longest spelling.
written as (
    select
        house_code,
        substr(
            max(round(confidence::numeric, 2) || lpad(length(address_text)::text, 4, '0') || address_text), 9
        ) as address
    from {{ source('linkage', 'address') }}
    where house_code is not null
    group by house_code
)

select
    counted.resident_id,
    chosen.name,
    chosen.sex_code,
    chosen.birth_date,
    chosen.phone,
    chosen.house_code,
    coalesce(written.address, chosen.written_address) as address,
    numbered.id_number,
    numbered.id_number_status as id_status,
    numbered.id_number_rule as id_rule,
    numbered.id_kind,
    counted.source_count
from counted
left join chosen using (resident_id)
left join unreadable using (resident_id)
left join {{ ref('resident_statement') }} as numbered
    on numbered.statement_number = coalesce(chosen.id_statement_number, unreadable.statement_number)
left join written on chosen.house_code = written.house_code
