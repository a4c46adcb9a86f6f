{#-
  The rows of a source table that are true as far as we have learnt. Cleaning a row costs a hundred
  times what looking it up does, so staging is incremental: of these rows, only those come that are
  not kept already (forget_superseded has deleted whatever is not true any more). What is compared
  are the versions themselves, not watermarks: a row that came late, was replayed, released or taken
  back is seen wherever it lies in time.
-#}
{% macro open_rows(department, table) -%}
    select * from {{ source(department, table) }} as log where _recorded_to is null
    {%- if is_incremental() %} and not exists (select from {{ this }} as kept where {{ same_version() }}) {%- endif -%}
{%- endmacro %}

{#- Whether a kept row is a version of the change log: its batch, its time and the hash of its content. -#}
{% macro same_version() -%}
    kept._row_hash = log._row_hash and kept._batch_id = log._batch_id and kept._recorded_from = log._recorded_from
{%- endmacro %}

{#- What every staging model carries of the change log, and the edition of the rules that cleaned the row. -#}
{% macro logged(relation='source') -%}
    {{ relation }}._recorded_from,
    {{ relation }}._batch_id,
    {{ relation }}._row_hash,
    '{{ cleaning_edition() }}' as _edition
{%- endmacro %}

{#-
  Changes whenever the model or anything changes that cleaning depends on: the hub says of which edition
  functions, macros, seeds and code lists are (hub/warehouse/edition.py).
-#}
{% macro cleaning_edition() -%}
    {%- if execute -%}
        {{- return(local_md5(model.raw_code ~ env_var('HUB_CLEANING_EDITION', ''))[:12]) -}}
    {%- endif -%}
{%- endmacro %}

{#- Runs before a staging model: everything goes when the rules changed, else what the change log closed or lost. -#}
{% macro forget_superseded() -%}
    {%- if execute and is_incremental() and model.sources -%}
        {%- set present = adapter.get_columns_in_relation(this) | map(attribute='name') | list -%}
        {%- if '_edition' not in present -%}
            truncate {{ this }};
            alter table {{ this }} add column if not exists _row_hash bigint, add column _edition text
        {%- elif run_query('select 1 from ' ~ this ~ " where _edition <> '" ~ cleaning_edition() ~ "' limit 1") -%}
            truncate {{ this }}
        {%- else -%}
            delete from {{ this }} as kept
            where not exists (
                select from {{ source(model.sources[0][0], model.sources[0][1]) }} as log
                where log._recorded_to is null and {{ same_version() }}
            )
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- The day on which we learnt of a row: what is in the future, or too old, is judged by it. -#}
{% macro learnt_on(relation='source') -%}
    ({{ relation }}._recorded_from at time zone '{{ var("time_zone") }}')::date
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
