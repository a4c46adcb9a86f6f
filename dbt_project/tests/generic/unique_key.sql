{#- The columns together name one row and none of them is null; counts the rows that break this. -#}
{% test unique_key(model, columns) %}
{{ config(fail_calc='coalesce(sum(failed_rows), 0)') }}

    select count(*) - 1 as failed_rows
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
    union all
    select count(*) as failed_rows
    from {{ model }}
    where {{ columns | join(' is null or ') }} is null
    having count(*) > 0
{% endtest %}
