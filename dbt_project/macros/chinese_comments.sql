{#-
  persist_docs writes descriptions as comments. Ours are English in YAML and Chinese in the
  database: the comment is `config.meta.zh`, or the description where that is missing.
-#}
{% macro chinese_comment(documented) -%}
    {{- return(((documented.get('config') or {}).get('meta') or {}).get('zh') or documented.get('description', '')) -}}
{%- endmacro %}

{% macro postgres__alter_relation_comment(relation, comment) -%}
    comment on {{ relation.type }} {{ relation }} is {{ postgres_escape_comment(chinese_comment(model)) }};
{%- endmacro %}

{#-
  Staging documents a field once; what cleaning adds to it (raw value, status, rule) and what the
  change log adds to every table get their comments from here.
-#}
{% macro postgres__alter_column_comment(relation, column_dict) -%}
    {%- set added = {'_raw': '（原值）', '_status': '（清洗状态：ok、repaired、suspect、invalid）', '_rule': '（清洗规则）'} -%}
    {%- set logged = {'_recorded_from': '本系统获知该行的时间', '_batch_id': '来源批次', '_row_hash': '该行内容的哈希值', '_edition': '清洗规则的版本'} -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
        {%- set comment = namespace(text=logged.get(column.name, '')) -%}
        {%- if column.name in column_dict -%}
            {%- set comment.text = chinese_comment(column_dict[column.name]) -%}
        {%- else -%}
            {%- for suffix, addition in added.items() if column.name.endswith(suffix) -%}
                {%- set field = column.name[:-(suffix | length)] -%}
                {%- set documented = column_dict.get(field) or column_dict.get(field ~ '_code') -%}
                {%- if documented -%}
                    {%- set comment.text = chinese_comment(documented) ~ addition -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endif -%}
        {%- if comment.text %}
    comment on column {{ relation }}.{{ column.name }} is {{ postgres_escape_comment(comment.text) }};
        {%- endif -%}
    {%- endfor %}
{%- endmacro %}
