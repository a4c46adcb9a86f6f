-- What sources disagree about, and who must answer: the authority of the field; where there are
-- several, the one that says something of the entity, else the first. A disagreement exists since the
-- second of its values was learnt.
with said as (
    select
        dispute.entity,
        dispute.entity_id,
        dispute.field,
        dispute.value,
        min(dispute.learnt_at) as first_learnt_at,
        bool_or(dispute.agrees) as agrees,
        string_agg(distinct dispute.source_system, '、' order by dispute.source_system) as sources,
        min(authority.department) as department
    from {{ ref('attribute_dispute') }} as dispute
    left join {{ ref('authority') }} as authority
        on
            authority.answers
            and authority.entity = dispute.entity
            and authority.field = dispute.field
            and authority.department = split_part(dispute.source_system, '.', 1)
    group by dispute.entity, dispute.entity_id, dispute.field, dispute.value
),

first_answering as (
    select distinct on (entity, field)
        entity,
        field,
        department
    from {{ ref('authority') }}
    where answers
    order by entity, field, rank
)

select
    said.entity,
    said.entity_id,
    said.field,
    coalesce(min(said.department), first_answering.department) as department,
    string_agg(
        {{ masked_value('said.entity', 'said.field', 'said.value') }} || '（' || said.sources || '）',
        '；' order by said.agrees desc, said.first_learnt_at, said.value
    ) as evidence,
    (array_agg(said.first_learnt_at order by said.first_learnt_at))[2] as since
from said
inner join first_answering using (entity, field)
group by said.entity, said.entity_id, said.field, first_answering.department
union all
select
    entity,
    entity_id,
    relation || ' by ' || other_basis as field,
    department,
    said_code || '；' || other_code as evidence,
    null as since
from {{ ref('place_disagreement') }}
