{#-
  How dbt creates our SQL functions: dropped first, because `create or replace` cannot change what
  a function returns (nothing in the database depends on them), and `parallel safe`, without which
  no query that uses one is planned in parallel.
-#}
{% macro default__scalar_function_create_replace_signature_sql(target_relation) -%}
    drop function if exists {{ target_relation }};
    create function {{ target_relation }} ({{ formatted_scalar_function_args_sql() }})
    returns {{ model.returns.data_type }}
    {{ scalar_function_volatility_sql() }} parallel safe
    as
{%- endmacro %}

{#- SQL, unless `config.meta.language` says otherwise. -#}
{% macro default__scalar_function_body_sql() -%}
    $body$ {{ model.compiled_code }} $body$ language {{ model.config.meta.get('language', 'sql') }}
{%- endmacro %}
