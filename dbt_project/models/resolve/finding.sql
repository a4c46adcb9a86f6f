{{ config(
    schema='quality',
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='finding_id',
    full_refresh=false,
    indexes=[{'columns': ['finding_id'], 'unique': true}, {'columns': ['department']}, {'columns': ['entity_id']}],
    grants={'select': ['hub_reader', 'hub_dashboards']},
) }}

-- A finding keeps its number and the time at which it was first seen for as long as the disagreement
-- lasts, and is closed when it ends; one that begins again is another. Only what changed is written.
with current_finding as (
    select
        disagreement.*,
        as_of.as_of
    from {{ ref('disagreement') }} as disagreement
    cross join {{ ref('stg_hub__as_of') }} as as_of
)

{%- set nothing = "(select * from (values (null::text, null::text, null::text, null::text, null::text, null::text,"
    ~ " null::timestamptz, null::timestamptz, null::timestamptz)) as none (finding_id, entity, entity_id, field,"
    ~ " department, evidence, since, first_seen, closed_at) where false)" %}

select
    coalesce(
        known.finding_id,
        md5(concat_ws('|', found.entity, found.entity_id, found.field, found.as_of))
    ) as finding_id,
    entity,
    entity_id,
    field,
    coalesce(found.department, known.department) as department,
    coalesce(found.evidence, known.evidence) as evidence,
    coalesce(found.since, known.since) as since,
    coalesce(known.first_seen, found.as_of) as first_seen,
    case when found.entity_id is null then as_of.as_of end as closed_at
from current_finding as found
full join (
    select * from {{ this if is_incremental() else nothing }} as finding
    where finding.closed_at is null
) as known using (entity, entity_id, field)
cross join {{ ref('stg_hub__as_of') }} as as_of
where
    found.entity_id is null
    or known.finding_id is null
    or (found.department, found.evidence) is distinct from (known.department, known.evidence)
