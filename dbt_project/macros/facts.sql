{#- A moment of the district's civil time as staging reads it, as an instant. -#}
{% macro instant(local) -%}
    {{ local }} at time zone '{{ var("time_zone") }}'
{%- endmacro %}

{#- Hours (or minutes) from one moment to a later one, 2 decimals; null where the order is impossible. -#}
{% macro hours_between(earlier, later, seconds=3600) -%}
    case when {{ later }} >= {{ earlier }}
        then round((extract(epoch from {{ later }} - {{ earlier }}) / {{ seconds }})::numeric, 2) end
{%- endmacro %}

{% macro minutes_between(earlier, later) -%}
    {{ hours_between(earlier, later, seconds=60) }}
{%- endmacro %}

{#- Whether something that is due was done in time; null when nobody can tell yet. -#}
{% macro in_time(due, done, now) -%}
    case when {{ due }} is null then null when {{ done }} is not null then {{ done }} <= {{ due }}
        when {{ now }} > {{ due }} then false end
{%- endmacro %}

{#- One value of the seed of limits. -#}
{% macro limit(name) -%}
    (select value from {{ ref('metric_limit') }} where limit_name = '{{ name }}')
{%- endmacro %}

{#- Left join that finds the grid (and with it the community) whose area covers a point. -#}
{% macro join_located_grid(point) -%}
    left join lateral (
        select
            grid.grid_code,
            grid.community_code
        from {{ ref('dim_grid') }} as grid
        where st_covers(grid.geometry, {{ point }})
        order by grid.grid_code
        limit 1
    ) as located on true
{%- endmacro %}

{#- Left join that names the value of a code list. -#}
{% macro join_name(list, code, as=none) -%}
    left join {{ ref('code_list') }} as {{ as or list }}
        on {{ as or list }}.list = '{{ list }}' and {{ as or list }}.code = {{ code }}
{%- endmacro %}

{#- Left join that finds the entity a source record is linked to now. -#}
{% macro join_link(entity, source_system, key, as='link') -%}
    left join {{ ref(entity ~ '_crosswalk') }} as {{ as }}
        on
            {{ as }}.source_system = {{ source_system }}
            and {{ as }}.source_key = {{ key }}
            and {{ as }}.valid_to is null
{%- endmacro %}

{#-
  The same columns of several staging models, one below the other, each row with the table it comes
  from. Which models is said in dbt_project.yml: another city's requests are one contract, one
  staging model with these columns, and one line there.
-#}
{% macro stacked(models, columns) -%}
    {%- for model in models %}
    select
        '{{ model[4:].replace("__", ".") }}' as source_system,
        {{ columns | join(',\n        ') }}
    from {{ ref(model) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
