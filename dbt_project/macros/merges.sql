{#-
  Merges and un-merges of an entity, read from the history of its crosswalk: when records went from
  one id to another at one moment, and whether the id that they left kept others.
-#}
{% macro merges(entity) %}
    {%- set id = entity ~ '_id' -%}

    with moved as (
        select
            old_link.{{ id }} as from_{{ id }},
            new_link.{{ id }} as into_{{ id }},
            new_link.valid_from as happened_at,
            count(*) as records
        from {{ ref(entity ~ '_crosswalk') }} as old_link
        inner join {{ ref(entity ~ '_crosswalk') }} as new_link using (source_system, source_key)
        where
            old_link.valid_to = new_link.valid_from
            and old_link.{{ id }} <> new_link.{{ id }}
        group by old_link.{{ id }}, new_link.{{ id }}, new_link.valid_from
    ),

    judged as (
        select
            moved.*,
            exists (
                select from {{ ref(entity ~ '_crosswalk') }} as link
                where
                    link.{{ id }} = moved.from_{{ id }}
                    and link.valid_from <= moved.happened_at
                    and (link.valid_to is null or link.valid_to > moved.happened_at)
            ) as remains,
            not exists (
                select from {{ ref(entity ~ '_crosswalk') }} as link
                where
                    link.{{ id }} = moved.into_{{ id }}
                    and link.valid_from < moved.happened_at
                    and (link.valid_to is null or link.valid_to >= moved.happened_at)
            ) as appears
        from moved
    )

    select
        from_{{ id }},
        into_{{ id }},
        happened_at,
        records,
        case when appears then 'parted' when remains then 'moved' else 'merged' end as kind
    from judged
{% endmacro %}
