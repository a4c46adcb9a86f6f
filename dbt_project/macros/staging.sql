{#- The rows of a source table that are true as far as we have learnt. -#}
{% macro open_rows(department, table) -%}
    select * from {{ source(department, table) }} where _recorded_to is null
{%- endmacro %}

{#- Raw value, clean value, status and rule of a field cleaned by a function that is joined as `field`. -#}
{% macro cleaned(field, raw) -%}
    {{ raw }} as {{ field }}_raw,
    {{ field }}.value as {{ field }},
    {{ field }}.status as {{ field }}_status,
    {{ field }}.rule as {{ field }}_rule
{%- endmacro %}

{#- Left join that finds the code of a value spelled in any way the code list knows. -#}
{% macro join_code(list, raw, as=none) -%}
    left join {{ ref('code_alias') }} as {{ as or list }}
        on {{ as or list }}.list = '{{ list }}' and {{ as or list }}.alias = {{ function('tidy') }}({{ raw }})
{%- endmacro %}

{#- Left join that finds the street behind a code of a source's own: the same code means another street elsewhere. -#}
{% macro join_street(source, raw) -%}
    left join {{ ref('region_crosswalk') }} as street
        on street.source = '{{ source }}' and street.source_code = {{ function('compact_code') }}({{ raw }})
{%- endmacro %}
