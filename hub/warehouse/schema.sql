-- Builds, their checks, and the state of each department. Safe to apply again and again; needs the
-- ledger of connectors/landing/schema.sql.
create schema if not exists ops;
create schema if not exists quality;

create table if not exists ops.build (
    build_id bigint generated always as identity primary key,
    run_id text,
    selection text,
    started_at timestamptz not null default clock_timestamp(),
    built_at timestamptz,
    checked_at timestamptz,
    published_at timestamptz,
    status text not null default 'building'
        check (status in ('building', 'built', 'failed', 'published', 'superseded', 'rolled_back')),
    reason text
);
comment on table ops.build is '数仓构建：构建、检查、发布、回滚';
comment on column ops.build.selection is '只构建了部分模型时的选择表达式；这样的构建不能发布';
comment on column ops.build.checked_at is '检查全部完成的时间；未检查的构建不能发布';

create table if not exists quality.check_result (
    check_result_id bigint generated always as identity primary key,
    run_id text,
    build_id bigint references ops.build,
    layer text not null,
    engine text not null check (engine in ('great_expectations', 'dbt')),
    department text,
    table_name text,
    column_name text,
    check_name text not null,
    severity text not null check (severity in ('error', 'warn')),
    owner text,
    passed boolean not null,
    observed text,
    expected text,
    failed_rows bigint,
    checked_at timestamptz not null default clock_timestamp()
);
comment on table quality.check_result is '每次运行的每项检查：来自 Great Expectations 与 dbt，含严重程度与责任人';
create index if not exists check_result_of_run on quality.check_result (run_id);
create index if not exists check_result_of_build on quality.check_result (build_id);

create or replace view ops.department_status as
with department as (
    select department, min(department_title) as title, min(fresh_within) as fresh_within
    from ops.contract
    group by department
),

last_report as (
    select distinct on (department) department, run_id, outcome, reason
    from ops.department_report
    order by department, reported_at desc
),

last_success as (
    select distinct on (department) department, run_id, reported_at
    from ops.department_report
    where outcome = 'success'
    order by department, reported_at desc
),

fresh as (
    select
        last_success.department,
        last_success.reported_at,
        coalesce(max(batch.extracted_at), last_success.reported_at) as fresh_at
    from last_success
    left join ops.batch using (run_id, department)
    group by last_success.department, last_success.reported_at
),

failing as (
    select report.department, min(report.reported_at) as since
    from ops.department_report as report
    left join last_success using (department)
    where report.outcome <> 'success'
        and (last_success.reported_at is null or report.reported_at > last_success.reported_at)
    group by report.department
),

counted as (
    select
        last_report.department,
        sum(batch.appended)::bigint as appended,
        sum(batch.unchanged)::bigint as unchanged,
        sum(batch.rejected)::bigint as rejected,
        sum(batch.held)::bigint as held
    from last_report
    inner join ops.batch using (run_id, department)
    group by last_report.department
),

judged as (
    select
        department.*,
        fresh.fresh_at,
        failing.since as failing_since,
        fresh.fresh_at + department.fresh_within < now() as is_old,
        last_report.outcome is distinct from 'success' as is_failing,
        last_report.reason
    from department
    left join fresh using (department)
    left join failing using (department)
    left join last_report using (department)
)

select
    judged.department,
    judged.title,
    coalesce(counted.appended, 0) as appended,
    coalesce(counted.unchanged, 0) as unchanged,
    coalesce(counted.rejected, 0) as rejected,
    coalesce(counted.held, 0) as held,
    judged.fresh_at,
    judged.is_failing or coalesce(judged.is_old, true) as stale,
    case
        when judged.is_failing then judged.failing_since
        when judged.is_old then judged.fresh_at + judged.fresh_within
    end as stale_since,
    judged.reason
from judged
left join counted using (department);
comment on view ops.department_status is '各部门最近一次运行的数量、最新数据时间、是否过期、自何时起';

-- Readers may ask how fresh and how good the data are; the ledger itself holds nothing personal.
do $$
declare
    reader text;
begin
    foreach reader in array array['hub_reader', 'hub_dashboards'] loop
        if exists (select from pg_roles where rolname = reader) then
            execute format('grant usage on schema ops, quality to %I', reader);
            execute format(
                'grant select on ops.department_status, ops.table_status, ops.build,'
                ' quality.check_result to %I', reader
            );
        end if;
    end loop;
end
$$;
