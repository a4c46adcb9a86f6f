-- What the resolution writes for dbt to read (hub/pipeline/resolve.py). Replaced as a whole at each
-- build; the ids that follow from it are state and kept by dbt. Safe to apply again and again.
create schema if not exists resolve;

do $$
declare
    entity text;
begin
    foreach entity in array array['resident', 'building', 'legal_person', 'component'] loop
        execute format(
            'create table if not exists resolve.%1$I ('
            ' source_system text not null, source_key text not null, cluster text not null,'
            ' rule text not null, probability double precision not null)',
            entity || '_cluster'
        );
        execute format('comment on table resolve.%I is %L', entity || '_cluster',
            '来源记录的归并结果：同一 cluster 的记录指同一实体（每次构建重算）');
        execute format('comment on column resolve.%I.cluster is %L', entity || '_cluster',
            '归并组标签，仅在本次构建内有意义');
        execute format('comment on column resolve.%I.rule is %L', entity || '_cluster',
            '归并所依据的规则');
        execute format('comment on column resolve.%I.probability is %L', entity || '_cluster',
            '属于该组的把握（0 至 1）');
    end loop;
end
$$;
