{{ config(indexes=[{'columns': ['contract_number'], 'unique': true}, {'columns': ['resident_id']}]) }}

select
    contract.contract_number,
    link.resident_id,
    contract.health_centre,
    contract.person_labels,
    contract.signed_on,
    contract.ends_on,
    contract.ends_on - contract.signed_on as term_days,
    contract.ends_on - as_of.as_of_date as days_left,
    contract.ends_on >= as_of.as_of_date and coalesce(contract.signed_on, as_of.as_of_date) <= as_of.as_of_date
        as is_valid,
    contract.ends_on < as_of.as_of_date as has_lapsed,
    row_number() over (
        partition by link.resident_id order by contract.ends_on desc nulls last, contract.contract_number
    ) = 1 and link.resident_id is not null as is_latest_of_resident
from {{ ref('stg_health__family_doctor_contract') }} as contract
cross join {{ ref('stg_hub__as_of') }} as as_of
{{ join_link('resident', "'health.family_doctor_contract'", 'contract.contract_number') }}
