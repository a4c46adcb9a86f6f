{#- A share of 0 to 1; null when there is nothing to share. -#}
{% macro share(numerator, denominator) -%}
    round({{ numerator }}::numeric / nullif({{ denominator }}, 0), 6)
{%- endmacro %}
