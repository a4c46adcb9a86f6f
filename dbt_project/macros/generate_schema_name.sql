{#- Readers' schemas are built beside the published ones; `hub publish` renames them in. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set schema = custom_schema_name or target.schema -%}
    {%- if schema in ('core', 'core_private', 'mart') -%}
        {{ schema }}_next
    {%- else -%}
        {{ schema }}
    {%- endif -%}
{%- endmacro %}
