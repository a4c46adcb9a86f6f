-- What each record says of the legal person that it names.
select
    link.legal_person_id,
    record.*,
    split_part(record.source_system, '.', 1) as department,
    null::date as observed_on,
    row_number() over (order by record.source_system collate "C", record.source_key collate "C") as statement_number
from {{ ref('legal_person_record') }} as record
inner join {{ ref('legal_person_crosswalk') }} as link
    on link.valid_to is null and record.source_system = link.source_system and record.source_key = link.source_key
