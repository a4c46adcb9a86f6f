{#-
  The columns together name one row and none of them is null; counts the rows that break this. Where a
  unique index of just these columns stands, the database has counted already, and sees to it.
-#}
{% test unique_key(model, columns) %}
{{ config(fail_calc='coalesce(sum(failed_rows), 0)') }}

    select count(*) - 1 as failed_rows
    from {{ model }}
    where not exists (
        select
        from pg_index as standing
        where
            standing.indrelid = '{{ model }}'::regclass
            and standing.indisunique and standing.indisvalid and standing.indpred is null and standing.indexprs is null
            and (
                select array_agg(attribute.attname::text order by attribute.attname::text)
                from pg_attribute as attribute
                where attribute.attrelid = standing.indrelid and attribute.attnum = any(standing.indkey)
            ) = array['{{ columns | sort | map("replace", "'", "''") | join("', '") }}']
    )
    group by {{ columns | join(', ') }}
    having count(*) > 1
    union all
    select count(*) as failed_rows
    from {{ model }}
    where {{ columns | join(' is null or ') }} is null
    having count(*) > 0
{% endtest %}
