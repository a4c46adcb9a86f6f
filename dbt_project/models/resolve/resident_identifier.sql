{{ config(indexes=[{'columns': ['id_number'], 'unique': true}]) }}

-- For records that say whom they are about but are no evidence of who is who: visits, requests.
select distinct on (record.identifier)
    record.identifier as id_number,
    link.resident_id
from {{ ref('resident_record') }} as record
inner join {{ ref('resident_crosswalk') }} as link using (source_system, source_key)
where link.valid_to is null and record.identifier is not null
order by record.identifier, record.source_system <> 'police.resident', link.resident_id
