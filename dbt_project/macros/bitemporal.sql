{#-
  History in two times: when something was true (days, true_from to before true_to), and when we
  believed so (moments, recorded_from to before recorded_to). Null on the left is "since before we
  knew", on the right "still".

  `version` has one row per version of a source record: source_system, source_key, source_date (the
  day of the change by the source's own word, or null), recorded_from, recorded_to, and the
  attributes. A version is true from the day that its source names until a version that we learnt
  later begins; where the source names none, from the day on which we learnt it. What was there when
  we first looked has been true since before we knew. A version that begins no later than the one
  before corrects it: the older is then believed until it was corrected, and true at no time after.
  A record that vanishes is true until the day on which we learnt it; when it comes back, there is a
  gap.
-#}
{% macro bitemporal(version, id, attributes) %}
    with first_look as (
        select
            source_system,
            min(recorded_from) as first_at
        from {{ version }}
        group by source_system
    ),

    -- Most records never changed: they need none of what follows.
    changing as (
        select distinct
            source_system,
            source_key
        from {{ version }}
        where recorded_to is not null
    ),

    begun as (
        select
            version.*,
            changing.source_key is not null as is_changing,
            case
                when version.recorded_from > first_look.first_at
                    then least(version.source_date, {{ local_day('version.recorded_from') }})
            end as true_from
        from {{ version }} as version
        inner join first_look using (source_system)
        left join changing using (source_system, source_key)
    ),

    logged as (
        select
            source_system,
            source_key,
            recorded_from,
            recorded_to,
            true_from,
            md5(row({{ attributes | join(', ') }})::text) as content,
            lead(recorded_from) over (partition by source_system, source_key order by recorded_from) as next_from
        from begun
        where is_changing
    ),

    event as (
        select
            source_system,
            source_key,
            recorded_from,
            true_from,
            content
        from logged
        union all
        select
            source_system,
            source_key,
            recorded_to,
            {{ local_day('recorded_to') }},
            'gone'
        from logged
        where recorded_to is not null and (next_from is null or next_from > recorded_to)
    ),

    -- What a source changed that is not told here makes no version.
    changed as (
        select *
        from (
            select
                *,
                lag(content) over (partition by source_system, source_key order by recorded_from) as former
            from event
        ) as compared
        where former is null or former <> content
    ),

    -- Of each version, at each time at which we learnt of a later one, the day on which it ended.
    ended as (
        select
            older.source_system,
            older.source_key,
            older.recorded_from as version_from,
            newer.recorded_from,
            min(coalesce(newer.true_from, date '0001-01-01')) over (
                partition by older.source_system, older.source_key, older.recorded_from order by newer.recorded_from
            ) as true_to
        from changed as older
        inner join changed as newer
            on
                older.source_system = newer.source_system
                and older.source_key = newer.source_key
                and older.recorded_from < newer.recorded_from
        where older.content <> 'gone'
        union all
        select
            source_system,
            source_key,
            recorded_from,
            recorded_from,
            null
        from changed
        where content <> 'gone'
    ),

    believed as (
        select
            source_system,
            source_key,
            version_from,
            true_to,
            recorded_from,
            lead(recorded_from) over version as recorded_to
        from (
            select
                *,
                lag(true_to) over version as former_end,
                row_number() over version as place
            from ended
            window version as (partition by source_system, source_key, version_from order by recorded_from)
        ) as compared
        where place < 3 or true_to <> former_end
        window version as (partition by source_system, source_key, version_from order by recorded_from)
    )

    select
        begun.{{ id }},
        begun.source_system,
        begun.source_key,
        {%- for attribute in attributes %}
        begun.{{ attribute }},
        {%- endfor %}
        begun.true_from,
        believed.true_to,
        believed.recorded_from,
        believed.recorded_to
    from believed
    inner join begun
        on
            believed.source_system = begun.source_system
            and believed.source_key = begun.source_key
            and believed.version_from = begun.recorded_from
    where
        believed.true_to is null
        or begun.true_from is null and believed.true_to > date '0001-01-01'
        or believed.true_to > begun.true_from
    union all
    select
        {{ id }},
        source_system,
        source_key,
        {%- for attribute in attributes %}
        {{ attribute }},
        {%- endfor %}
        true_from,
        null,
        recorded_from,
        null
    from begun
    where not is_changing
{% endmacro %}

{#- The day of a moment, in the district's calendar. -#}
{% macro local_day(moment) -%}
    ({{ moment }} at time zone '{{ var("time_zone") }}')::date
{%- endmacro %}

{#-
  The rows of a history that were true on a day, as we know it now, or as we knew it at a moment:
  `select * from {{ as_of(ref('dim_grid_history'), "date '2026-09-30'") }} as grid`.
-#}
{% macro as_of(history, true_on, known_at='now()') -%}
    (
        select *
        from {{ history }}
        where
            (true_from is null or true_from <= {{ true_on }})
            and (true_to is null or true_to > {{ true_on }})
            and recorded_from <= {{ known_at }}
            and (recorded_to is null or recorded_to > {{ known_at }})
    )
{%- endmacro %}

{#- The id that a source record had last, whether it is still there or gone. -#}
{% macro last_link(entity) -%}
    (
        select distinct on (source_system, source_key)
            source_system,
            source_key,
            {{ entity }}_id
        from {{ ref(entity ~ '_crosswalk') }}
        order by source_system, source_key, valid_from desc
    )
{%- endmacro %}

{#- The change log of a source table as versions of its records. -#}
{% macro versions(department, table, key) -%}
    select
        '{{ department }}.{{ table }}' as source_system,
        {{ key }} as source_key,
        _recorded_from as recorded_from,
        _recorded_to as recorded_to,
        log.*
    from {{ source(department, table) }} as log
{%- endmacro %}
