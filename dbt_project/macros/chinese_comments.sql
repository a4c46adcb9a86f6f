{#-
  persist_docs writes descriptions as comments. Ours are English in YAML and Chinese in the
  database: the comment is `config.meta.zh`, or the description where that is missing.
-#}
{% macro chinese_comment(documented) -%}
    {{- return((documented.get('config') or {}).get('meta', {}).get('zh') or documented.get('description', '')) -}}
{%- endmacro %}

{% macro postgres__alter_relation_comment(relation, comment) -%}
    comment on {{ relation.type }} {{ relation }} is {{ postgres_escape_comment(chinese_comment(model)) }};
{%- endmacro %}

{% macro postgres__alter_column_comment(relation, column_dict) -%}
    {%- set existing = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
    {%- for name, column in column_dict.items() if name in existing %}
    comment on column {{ relation }}.{{ name }} is {{ postgres_escape_comment(chinese_comment(column)) }};
    {%- endfor %}
{%- endmacro %}
