{#- Id of a compound: of its community and its name in use, so that every source's compound gets the same. -#}
{% macro compound_id(community_code, name) -%}
    'X' || upper(left(md5({{ community_code }} || ' ' || {{ name }}), 12))
{%- endmacro %}
