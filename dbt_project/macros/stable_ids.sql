{#-
  Ids that stay. `records` is a model with source_system, source_key and identifier (the exact code
  that names the entity, or null). Every code and every record is registered once, for ever, with
  the id it got; numbers are handed out in order of the records and never reused.

  A group of records keeps the id of its code. A code seen for the first time takes over the id of
  its record when that record was known without any code (an id number that was corrected); a
  record that loses its code keeps its id.
-#}
{% macro registry(entity, prefix, records) %}
    with known as (
        {%- if is_incremental() %}
        select identifier, {{ entity }}_id as id from {{ this }}
        {%- else %}
        select null::text as identifier, null::text as id where false
        {%- endif %}
    ),

    sighted as (
        select
            'record:' || source_system || ':' || source_key as record,
            coalesce('code:' || identifier, 'record:' || source_system || ':' || source_key) as name
        from {{ records }}
    ),

    grouped as (
        select
            sighted.name,
            min(sighted.record) as first_record,
            coalesce(
                min(by_name.id),
                min(by_record.id) filter (where coded.id is null)
            ) as id
        from sighted
        left join known as by_name on sighted.name = by_name.identifier
        left join known as by_record on sighted.record = by_record.identifier
        left join (select distinct id from known where identifier like 'code:%') as coded
            on by_record.id = coded.id
        group by sighted.name
    ),

    numbered as (
        select
            grouped.name,
            coalesce(
                grouped.id,
                '{{ prefix }}' || lpad((last.number + row_number() over (
                    partition by grouped.id is null order by grouped.first_record
                ))::text, 10, '0')
            ) as id
        from grouped
        cross join (
            select coalesce(max(substr(id, {{ prefix | length + 1 }})::bigint), 0) as number from known
        ) as last
    )

    select
        named.identifier,
        named.id as {{ entity }}_id,
        now() as registered_at
    from (
        select name as identifier, id from numbered
        union
        select sighted.record, numbered.id from sighted inner join numbered on sighted.name = numbered.name
    ) as named
    where not exists (select from known where known.identifier = named.identifier)
{% endmacro %}

{#-
  Which record is which entity, since when. A link that changes or whose record has gone is closed
  (valid_to), never deleted. Rows are keyed by record and valid_from.
-#}
{% macro crosswalk(entity, records, registry, rule) %}
    with linked as (
        select
            record.source_system,
            record.source_key,
            coalesce(by_code.{{ entity }}_id, by_record.{{ entity }}_id) as {{ entity }}_id,
            case when record.identifier is null then 'own_record' else '{{ rule }}' end as rule
        from {{ records }} as record
        left join {{ registry }} as by_code on by_code.identifier = 'code:' || record.identifier
        left join {{ registry }} as by_record
            on by_record.identifier = 'record:' || record.source_system || ':' || record.source_key
    )

    {%- if is_incremental() %}
    , standing as (
        select * from {{ this }} where valid_to is null
    )

    select
        linked.source_system,
        linked.source_key,
        linked.{{ entity }}_id,
        linked.rule,
        1::numeric as probability,
        now() as valid_from,
        null::timestamptz as valid_to
    from linked
    left join standing using (source_system, source_key)
    where (linked.{{ entity }}_id, linked.rule) is distinct from (standing.{{ entity }}_id, standing.rule)
    union all
    select
        standing.source_system,
        standing.source_key,
        standing.{{ entity }}_id,
        standing.rule,
        standing.probability,
        standing.valid_from,
        now() as valid_to
    from standing
    left join linked using (source_system, source_key)
    where (linked.{{ entity }}_id, linked.rule) is distinct from (standing.{{ entity }}_id, standing.rule)
    {%- else %}
    select
        *,
        1::numeric as probability,
        now() as valid_from,
        null::timestamptz as valid_to
    from linked
    {%- endif %}
{% endmacro %}

{#- An id number that may name a person: right, repaired, or doubtful for its region or age only. -#}
{% macro usable_id_number(status, rule) -%}
    ({{ status }} in ('ok', 'repaired') or {{ rule }} in ('unknown_region', 'age_over_120'))
{%- endmacro %}

{#-
  The value of the department whose word counts first, then the newest. With `given`, the value may
  be the whole record, chosen among those where that column is not null.
-#}
{% macro by_authority(value, rank, given=none) -%}
    (array_agg({{ value }} order by {{ rank }}, record._recorded_from desc, record.source_key)
        filter (where {{ given or value }} is not null))[1]
{%- endmacro %}
