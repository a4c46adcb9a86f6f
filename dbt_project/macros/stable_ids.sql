{#-
  Ids that stay. Every build tells its clusters of records anew (source `linkage`); here they get
  the ids that their records hold. `records` is a model with source_system, source_key and
  identifier (the exact code that names the entity, or null).

  A cluster keeps the id that most of its records hold, the older one if two are held alike. Where
  clusters hold the same id (one was parted in two), it stays with the one whose records it was
  first given to; the others take back an id that their records held before, or get a new one. A
  code that was seen before brings its id back. Ids are handed out in order and never reused.
-#}
{% macro cluster_ids(entity, prefix, records) %}
    {%- set id = entity ~ '_id' -%}
    {%- set linked = state(entity, 'crosswalk', ['source_system', 'source_key', id, 'valid_from', 'valid_to']) -%}
    {%- set coded = state(entity, 'registry', ['identifier', id]) -%}

    with member as (
        select
            cluster,
            source_system,
            source_key,
            standing.{{ id }} as id
        from {{ source('linkage', entity ~ '_cluster') }}
        left join (select * from {{ linked }} as link where link.valid_to is null) as standing
            using (source_system, source_key)
    ),

    pair as (
        select
            cluster,
            id
        from member
        group by cluster, id
    ),

    of_cluster as (
        select
            cluster,
            min(id) as id,
            count(id) > 1 as is_merged
        from pair
        group by cluster
    ),

    of_id as (
        select
            id,
            count(*) > 1 as is_parted
        from pair
        where id is not null
        group by id
    ),

    settled as (
        select
            of_cluster.cluster,
            of_cluster.id
        from of_cluster
        inner join of_id using (id)
        where not of_cluster.is_merged and not of_id.is_parted
    ),

    unsettled as (
        select
            member.cluster,
            member.source_system,
            member.source_key
        from member
        left join settled using (cluster)
        where settled.cluster is null
    ),

    claim as (
        select
            evidence.cluster,
            id,
            count(*) filter (where is_held) as held,
            count(*) filter (where is_first) as founded
        from (
            select
                unsettled.cluster,
                link.{{ id }} as id,
                link.valid_to is null as is_held,
                row_number() over (
                    partition by unsettled.source_system, unsettled.source_key order by link.valid_from
                ) = 1 as is_first
            from unsettled
            inner join {{ linked }} as link using (source_system, source_key)
            union all
            select
                unsettled.cluster,
                known.{{ id }} as id,
                false as is_held,
                false as is_first
            from unsettled
            inner join {{ records }} as record using (source_system, source_key)
            inner join {{ coded }} as known using (identifier)
        ) as evidence
        left join settled as taken using (id)
        where taken.id is null
        group by evidence.cluster, id
    ),

    favourite as (
        select distinct on (cluster) *
        from claim
        order by cluster, held desc, founded desc, id
    ),

    kept as (
        select distinct on (id) *
        from favourite
        order by id, held > 0 desc, founded desc, held desc, cluster
    ),

    second_choice as (
        select distinct on (claim.cluster) claim.*
        from claim
        left join kept as of_cluster on claim.cluster = of_cluster.cluster
        left join kept as of_id on claim.id = of_id.id
        where of_cluster.cluster is null and of_id.id is null
        order by claim.cluster, claim.held desc, claim.founded desc, claim.id
    ),

    regained as (
        select distinct on (id) *
        from second_choice
        order by id, founded desc, cluster
    ),

    known as (
        select cluster, id from settled
        union all
        select cluster, id from kept
        union all
        select cluster, id from regained
    )

    select
        of_cluster.cluster,
        coalesce(
            known.id,
            '{{ prefix }}' || lpad((last.number + row_number() over (
                partition by known.id is null order by of_cluster.cluster
            ))::text, 10, '0')
        ) as {{ id }}
    from of_cluster
    left join known using (cluster)
    cross join (
        select coalesce(substr(max(ever.{{ id }}), {{ prefix | length + 1 }})::bigint, 0) as number
        from (
            select link.{{ id }} from {{ linked }} as link
            union all
            select code.{{ id }} from {{ coded }} as code
        ) as ever
    ) as last
{% endmacro %}

{#-
  State as the last build left it, or a relation of these columns without rows. Not by ref(), because
  this state follows from what reads it here.
-#}
{% macro state(entity, name, columns) -%}
    {%- set found = adapter.get_relation(this.database, this.schema, entity ~ '_' ~ name) if execute -%}
    {%- if found -%}
        {{ found }}
    {%- else -%}
        (select
            {%- for column in columns %}
            null::{{ 'timestamptz' if column.startswith('valid') else 'text' }} as {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        where false)
    {%- endif -%}
{%- endmacro %}

{#- Every code ever seen with the id that its cluster got then, for ever. -#}
{% macro registry(entity, records) %}
    select distinct on (record.identifier)
        record.identifier,
        given.{{ entity }}_id,
        now() as registered_at
    from {{ records }} as record
    inner join {{ source('linkage', entity ~ '_cluster') }} as cluster using (source_system, source_key)
    inner join {{ ref(entity ~ '_cluster_id') }} as given using (cluster)
    where
        record.identifier is not null
        {%- if is_incremental() %}
        and not exists (select from {{ this }} as known where known.identifier = record.identifier)
        {%- endif %}
    order by record.identifier, cluster.cluster
{% endmacro %}

{#-
  Which record is which entity, since when. A link that changes or whose record has gone is closed
  (valid_to), never deleted. Rows are keyed by record and valid_from.
-#}
{% macro crosswalk(entity) %}
    with linked as (
        select
            cluster.source_system,
            cluster.source_key,
            given.{{ entity }}_id,
            cluster.rule,
            round(cluster.probability::numeric, 4) as probability
        from {{ source('linkage', entity ~ '_cluster') }} as cluster
        inner join {{ ref(entity ~ '_cluster_id') }} as given using (cluster)
    )

    {%- if is_incremental() %}
    , changed as (
        select
            source_system,
            source_key,
            linked.{{ entity }}_id as new_id,
            linked.rule as new_rule,
            linked.probability as new_probability,
            standing.{{ entity }}_id as old_id,
            standing.rule as old_rule,
            standing.probability as old_probability,
            standing.valid_from as old_valid_from
        from linked
        full join (select * from {{ this }} where valid_to is null) as standing using (source_system, source_key)
        where (linked.{{ entity }}_id, linked.rule) is distinct from (standing.{{ entity }}_id, standing.rule)
    )

    select
        source_system,
        source_key,
        new_id as {{ entity }}_id,
        new_rule as rule,
        new_probability as probability,
        now() as valid_from,
        null::timestamptz as valid_to
    from changed
    where new_id is not null
    union all
    select source_system, source_key, old_id, old_rule, old_probability, old_valid_from, now()
    from changed
    where old_id is not null
    {%- else %}
    select
        *,
        now() as valid_from,
        null::timestamptz as valid_to
    from linked
    {%- endif %}
{% endmacro %}

{#- An id number that may name a person: right, repaired, or doubtful for its region or age only. -#}
{% macro usable_id_number(status, rule) -%}
    ({{ status }} in ('ok', 'repaired') or {{ rule }} in ('unknown_region', 'age_over_120'))
{%- endmacro %}
