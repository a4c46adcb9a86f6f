-- The ledger of what was received, and where the rows went. Safe to apply again and again.
create schema if not exists ops;
create schema if not exists quality;
create schema if not exists raw;

create table if not exists ops.run (
    run_id text primary key,
    trigger text not null,
    business_date date not null,
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    status text not null default 'running'
        check (status in ('running', 'success', 'held', 'failed'))
);
comment on table ops.run is '一次运行：由谁触发、业务日期、结果';

create table if not exists ops.contract (
    department text not null,
    table_name text not null,
    title text not null,
    department_title text not null,
    owner text not null,
    fresh_within interval not null,
    version text not null,
    primary key (department, table_name)
);
comment on table ops.contract is '生效中的数据契约：责任单位与新鲜度时限';

create table if not exists ops.batch (
    batch_id bigint generated always as identity primary key,
    run_id text not null references ops.run,
    department text not null,
    table_name text not null,
    mode text not null,
    contract_version text not null,
    source_ref text not null,
    source_sha256 text,
    raw_file text,
    raw_sha256 text,
    raw_bytes bigint,
    received bigint not null default 0,
    appended bigint not null default 0,
    unchanged bigint not null default 0,
    rejected bigint not null default 0,
    held bigint not null default 0,
    closed bigint not null default 0,
    status text not null
        check (status in ('extracting', 'extracted', 'landed', 'held', 'failed')),
    reason text,
    complete boolean not null default true,
    cursor_from text,
    cursor_to text,
    started_at timestamptz not null default clock_timestamp(),
    newest_at timestamptz,
    seconds double precision,
    extracted_at timestamptz,
    finished_at timestamptz,
    constraint every_row_is_accounted_for check (
        status not in ('landed', 'held')
        or received = appended + unchanged + rejected + held
    )
);
-- for hubs that were started before this column came
alter table ops.batch add column if not exists complete boolean not null default true;
alter table ops.batch add column if not exists revised_at timestamptz;
alter table ops.batch add column if not exists dropped boolean not null default false;
alter table ops.batch add column if not exists newest_at timestamptz;
alter table ops.batch add column if not exists seconds double precision;
alter table ops.batch drop constraint if exists batch_mode_check;
alter table ops.batch drop column if exists drift;
comment on table ops.batch is '批次账本：收到 = 新增 + 未变 + 拒收 + 扣留';
comment on column ops.batch.mode is
    'snapshot 全量，cursor 增量，files 文件，keys 主键核对（游标表），backfill 按日期补采';
comment on column ops.batch.cursor_from is '增量或补采从何处读起；空为从头';
comment on column ops.batch.cursor_to is '增量读到何处（补采为约定的终点，不移动游标）';
comment on column ops.batch.newest_at is '本批最新一行的业务时间（游标列），由此得出滞后';
comment on column ops.batch.seconds is '读取与合并共用的秒数';
comment on column ops.batch.source_sha256 is '来源文件的校验值；同名同内容的文件只读一次';
comment on column ops.batch.closed is '本批关闭的旧版本行数，不计入收到';
comment on column ops.batch.complete is '快照是否完整；只有完整的快照才关闭消失的主键';
comment on column ops.batch.revised_at is
    '放行、重放或重建使本批在 raw 表中的行改变的时间；增量模型除 extracted_at 外还要看它';
comment on column ops.batch.dropped is '人工决定不入库的扣留批次；原始文件仍保留';
comment on column ops.batch.extracted_at is '读取完成的时间，即 raw 表中 _recorded_from';
create index if not exists batch_of_table on ops.batch (department, table_name, batch_id);
create index if not exists batch_of_run on ops.batch (run_id);

create table if not exists ops.department_report (
    run_id text not null references ops.run,
    department text not null,
    outcome text not null check (outcome in ('success', 'held', 'failed')),
    reason text,
    reported_at timestamptz not null default clock_timestamp(),
    primary key (run_id, department)
);
comment on table ops.department_report is '各部门每次运行的结果';

create table if not exists quality.batch_profile (
    batch_id bigint not null references ops.batch,
    column_name text not null,
    row_count bigint not null,
    null_count bigint,
    distinct_count bigint,
    type_ok_count bigint,
    min_length bigint,
    max_length bigint,
    min_value text,
    max_value text,
    source_type text,
    primary key (batch_id, column_name)
);
alter table quality.batch_profile add column if not exists source_type text;
comment on table quality.batch_profile is
    '批次画像：合格行的行数、空值、不同值（估计）、类型合格数、长度；取值范围仅限 L1 列';
comment on column quality.batch_profile.column_name is '列名；空串表示整个批次';
comment on column quality.batch_profile.source_type is '来源自己声明的类型（数据库、JSON），用于发现类型变化';

create table if not exists quality.drift (
    batch_id bigint not null references ops.batch,
    kind text not null check (kind in ('added', 'missing', 'renamed', 'type', 'code_list')),
    column_name text not null,
    note text not null,
    action text not null check (action in ('accept', 'warn', 'hold')),
    noticed_at timestamptz not null default clock_timestamp(),
    primary key (batch_id, kind, column_name)
);
comment on table quality.drift is
    '来源与契约的差异，按批次：多出、缺少、疑似改名的列，类型变化，编码表之外的值';
comment on column quality.drift.column_name is '来源中的列名';
comment on column quality.drift.action is '契约的处置：accept 接受，warn 提示，hold 扣留';

create table if not exists quality.rejected_record (
    rejected_id bigint generated always as identity primary key,
    batch_id bigint not null references ops.batch,
    row_number bigint not null,
    rule text not null,
    reason text not null,
    payload jsonb not null,
    status text not null default 'open' check (status in ('open', 'superseded', 'released')),
    rejected_at timestamptz not null default clock_timestamp()
);
comment on table quality.rejected_record is '拒收记录：原始内容、规则与原因，可重新放行';
create index if not exists rejected_of_batch on quality.rejected_record (batch_id);

create table if not exists ops.decision (
    decision_id bigint generated always as identity primary key,
    batch_id bigint not null references ops.batch,
    verb text not null
        check (verb in ('hold release', 'hold drop', 'rejects release', 'replay')),
    row_count bigint not null,
    who text not null,
    why text not null,
    decided_at timestamptz not null default clock_timestamp()
);
comment on table ops.decision is '人工决定：谁在何时因何放行、丢弃或重放了哪个批次、多少行';
create index if not exists decision_of_batch on ops.decision (batch_id);

alter table quality.rejected_record add column if not exists correction jsonb;
alter table quality.rejected_record
    add column if not exists decision_id bigint references ops.decision;
comment on column quality.rejected_record.correction is
    '放行时改正的列与值，覆盖在原始行之上；空对象表示原样放行';

create or replace view ops.table_status as
select
    contract.department,
    contract.table_name,
    contract.title,
    contract.owner,
    last.batch_id,
    last.mode,
    last.status,
    last.reason,
    last.received,
    last.raw_bytes as bytes,
    last.seconds,
    last.received / nullif(last.seconds, 0) as rows_per_second,
    landed.last_success,
    coalesce(landed.newest_at, landed.last_success) as newest_at,
    now() - coalesce(landed.newest_at, landed.last_success) as lag,
    coalesce(now() - landed.last_success > contract.fresh_within, true) as stale,
    array(
        select drift.note from quality.drift
        where drift.batch_id = last.batch_id and drift.action <> 'accept'
        order by drift.note
    ) as drift
from ops.contract
left join lateral (
    select * from ops.batch
    where batch.department = contract.department and batch.table_name = contract.table_name
        and batch.mode <> 'keys' and batch.status <> 'extracting'
    order by batch.batch_id desc
    limit 1
) as last on true
left join lateral (
    select
        max(batch.extracted_at) as last_success,
        max(batch.newest_at) as newest_at
    from ops.batch
    where batch.department = contract.department and batch.table_name = contract.table_name
        and batch.status = 'landed' and batch.mode not in ('keys', 'backfill')
) as landed on true;
comment on view ops.table_status is
    '各表最近一批：速度、字节、滞后（现在 − 最新一行的时间，没有游标时为读取时间）、最近成功、与契约的差异';
