-- What is known of every address text (hub/pipeline/resolving/addresses.py). Safe to apply again and again.
create schema if not exists resolve;

create table if not exists resolve.address (
    address_text text primary key,
    community_code text,
    road text,
    number text,
    compound text,
    building_number text,
    unit text,
    floor text,
    room text,
    shop text,
    building_code text,
    house_code text,
    confidence double precision,
    reason text not null
);
create index if not exists address_of_building on resolve.address (building_code);
create index if not exists address_of_house on resolve.address (house_code);
comment on table resolve.address is '地址解析结果：各来源写过的每一种地址文本一行，拆成各级要素并对应到楼栋与房屋';
comment on column resolve.address.address_text is '清洗后的来源地址原文（个人信息，仅供流水线使用）';
comment on column resolve.address.community_code is '社区代码（12 位）：对应到楼栋时取楼栋编码所含社区，否则按社区名称';
comment on column resolve.address.road is '道路名称（旧称、俗称已换成现名）';
comment on column resolve.address.number is '门牌号';
comment on column resolve.address.compound is '小区、城中村坊、大厦等名称';
comment on column resolve.address.building_number is '楼栋号（栋、幢、座、号楼同义，中文数字已换成阿拉伯数字）';
comment on column resolve.address.unit is '单元';
comment on column resolve.address.floor is '楼层，负数为地下';
comment on column resolve.address.room is '房号';
comment on column resolve.address.shop is '商铺号（不是住房）';
comment on column resolve.address.building_code is '对应的楼栋编码（19 位），对应不上为空';
comment on column resolve.address.house_code is '对应的房屋编码（25 位），对应不上为空';
comment on column resolve.address.confidence is '把握（0 至 1），对应不上为空';
comment on column resolve.address.reason is
'对应依据或原因：exact 各级一致；missing_level 缺级；alias 别名；similar_name 名称近似；'
'conflicting_level 有一级不一致；unknown_dwelling 只对应到楼栋；elsewhere 区外；incomplete 未写楼栋；'
'ambiguous 多栋同名；unknown_building 查无此楼';

create table if not exists resolve.gazetteer (
    version text not null,
    buildings bigint not null,
    dwellings bigint not null
);
comment on table resolve.gazetteer is '最近一次解析所用的地址词典（一行）：版本、楼栋数、房屋数';
comment on column resolve.gazetteer.version is '词典或解析规则有任何变化即改变；不变则已解析的地址不再重算';
comment on column resolve.gazetteer.buildings is '有地址的楼栋数';
comment on column resolve.gazetteer.dwellings is '房屋数';

-- Readers of gazetteers want what each dwelling is, whether or not anybody writes its address down.
create table if not exists resolve.dwelling (
    house_code text primary key,
    building_code text not null,
    unit text,
    floor text,
    room text
);
comment on table resolve.dwelling is '地址词典中的房屋：每个房屋编码一行，房号由多数来源所写，无人写时取自编码';
comment on column resolve.dwelling.house_code is '房屋编码（25 位）';
comment on column resolve.dwelling.building_code is '楼栋编码（19 位）';
comment on column resolve.dwelling.unit is '单元';
comment on column resolve.dwelling.floor is '楼层';
comment on column resolve.dwelling.room is '房号';

create table if not exists resolve.building_address (
    building_code text not null,
    community_code text,
    road text,
    number text,
    compound text,
    building_number text,
    weight double precision not null
);
comment on table resolve.building_address is '地址词典中的楼栋地址：楼栋编码与各级要素，一栋可有多个';
comment on column resolve.building_address.building_code is '楼栋编码（19 位）';
comment on column resolve.building_address.community_code is '社区代码（12 位）';
comment on column resolve.building_address.road is '道路名称';
comment on column resolve.building_address.number is '门牌号';
comment on column resolve.building_address.compound is '小区、城中村坊、大厦等名称';
comment on column resolve.building_address.building_number is '楼栋号';
comment on column resolve.building_address.weight is '支持这一地址的来源记录的权重之和';
