{#-
  Ids that stay. `records` is a model with source_system, source_key and identifier (the exact code
  that names the entity, or null). Every code and every record is registered once, for ever, with
  the id it got; numbers are handed out in order of the records and never reused.

  A group of records keeps the id of its code. A code seen for the first time takes over the id of
  its record when that record was known without any code (an id number that was corrected); a
  record that loses its code keeps its id.
-#}
{% macro registry(entity, prefix, records) %}
    {%- set nothing = "(select null::text as identifier, null::text as " ~ entity ~ "_id where false)" -%}
    {%- set known = this if is_incremental() else nothing -%}

    with sighted as (
        select
            'record:' || source_system || ':' || source_key as record,
            coalesce('code:' || identifier, 'record:' || source_system || ':' || source_key) as name
        from {{ records }}
    ),

    fresh as (
        select
            sighted.*,
            by_name.{{ entity }}_id as id_of_name,
            by_record.{{ entity }}_id as id_of_record
        from sighted
        left join {{ known }} as by_name on sighted.name = by_name.identifier
        left join {{ known }} as by_record on sighted.record = by_record.identifier
        where by_name.identifier is null or by_record.identifier is null
    ),

    grouped as (
        select
            fresh.name,
            min(fresh.record) as first_record,
            coalesce(min(fresh.id_of_name), min(fresh.id_of_record) filter (where coded.identifier is null)) as id
        from fresh
        left join {{ known }} as coded
            on fresh.id_of_record = coded.{{ entity }}_id and coded.identifier like 'code:%'
        group by fresh.name
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
            select coalesce(max(substr({{ entity }}_id, {{ prefix | length + 1 }})::bigint), 0) as number
            from {{ known }} as known
        ) as last
    )

    select
        named.identifier,
        named.id as {{ entity }}_id,
        now() as registered_at
    from (
        select name as identifier, id from numbered
        union
        select fresh.record, numbered.id from fresh inner join numbered on fresh.name = numbered.name
    ) as named
    where not exists (select from {{ known }} as known where known.identifier = named.identifier)
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
    , changed as (
        select
            source_system,
            source_key,
            linked.{{ entity }}_id as new_id,
            linked.rule as new_rule,
            standing.{{ entity }}_id as old_id,
            standing.rule as old_rule,
            standing.probability as old_probability,
            standing.valid_from as old_valid_from
        from linked
        full join (select * from {{ this }} where valid_to is null) as standing using (source_system, source_key)
        where (linked.{{ entity }}_id, linked.rule) is distinct from (standing.{{ entity }}_id, standing.rule)
    )

    select
        source_system,
        source_key,
        new_id as {{ entity }}_id,
        new_rule as rule,
        1::numeric as probability,
        now() as valid_from,
        null::timestamptz as valid_to
    from changed
    where new_id is not null
    union all
    select source_system, source_key, old_id, old_rule, old_probability, old_valid_from, now()
    from changed
    where old_id is not null
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
