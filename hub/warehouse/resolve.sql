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

-- State: what stewards decided, for ever; of one pair the newest decision holds.
create table if not exists resolve.link_decision (
    decision_id bigint generated always as identity primary key,
    entity text not null,
    left_record text not null,
    right_record text not null,
    decision text not null check (decision in ('same', 'different', 'unknown')),
    decided_by text not null,
    reason text not null,
    decided_at timestamptz not null default clock_timestamp()
);
comment on table resolve.link_decision is '人工对两条来源记录是否同一实体的裁定（只增不改，以最新一条为准）';
comment on column resolve.link_decision.left_record is '来源记录：部门.表:主键';
comment on column resolve.link_decision.right_record is '另一条来源记录：部门.表:主键';
comment on column resolve.link_decision.decision is 'same 同一 / different 不同 / unknown 无法判断（不再自动归并）';

create table if not exists resolve.review_queue (
    entity text not null,
    left_record text not null,
    right_record text not null,
    reason text not null,
    probability double precision,
    records bigint not null,
    benefit double precision not null
);
comment on table resolve.review_queue is '待人工裁定的记录对，按收益排序（每次构建重算）';
comment on column resolve.review_queue.reason is
'in_doubt 证据不足；decided_same_yet_contradicted、decided_different_yet_alike 新证据与人工裁定矛盾';
comment on column resolve.review_queue.probability is '同一实体的概率；裁定与证据矛盾时为空';
comment on column resolve.review_queue.records is '裁定所影响的记录数';
comment on column resolve.review_queue.benefit is '裁定的收益：记录数，离归并阈值越远折扣越大';

-- State: weights that a district trained on its own data; without any, those beside the code hold.
create table if not exists resolve.linkage_weights (
    entity text not null,
    trained_at timestamptz not null default clock_timestamp(),
    weights text not null,
    primary key (entity, trained_at)
);
comment on table resolve.linkage_weights is '用本区数据训练的归并权重（无标注训练），以最新一次为准';
