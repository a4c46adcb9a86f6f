"""The catalogue for people: a Chinese page for each table, and one that lists them all.

Nothing but the contracts goes into a page, so the same contracts give the same bytes.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from connectors.contracts.loader import by_department
from connectors.contracts.model import Contract
from connectors.contracts.parts import Column
from connectors.contracts.sources import FileExtract

GENERATED = "<!-- 由 hub contract docs 从契约生成，请勿手改 -->\n"
INDEX = "README.md"
TYPES = {
    "string": "文本",
    "date": "日期",
    "timestamp": "时间",
    "integer": "整数",
    "number": "数值",
    "boolean": "是否",
}
CLASSES = {"L1": "L1 公开", "L2": "L2 内部", "L3": "L3 个人信息", "L4": "L4 涉密"}
STATES = {"draft": "草案", "active": "生效", "deprecated": "停用中"}
MODES = {
    "snapshot": "每次全量；上游不再给出的主键随之关闭",
    "cursor": "按游标增量",
    "files": "逐个文件，同一文件只读一次",
    "stream": "持续订阅，按小批入库",
}
DRIFTS = {
    "added": "多出的列",
    "missing": "缺少的列",
    "renamed": "疑似改名的列",
    "type": "类型变化",
    "code_list": "编码表之外的值",
}
ACTIONS = {"accept": "接受", "warn": "接受并提示", "hold": "扣留"}


def pages(contracts: Iterable[Contract]) -> dict[str, str]:
    """Return the pages by their path: ``README.md`` and ``<department>/<table>.md``."""
    departments = by_department(list(contracts))
    found = {INDEX: _index(departments)}
    for tables in departments.values():
        for contract in tables:
            found[f"{contract.department}/{contract.table}.md"] = page(contract)
    return found


def page(contract: Contract) -> str:
    """Return the page of one table as Markdown."""
    parts = [
        f"{GENERATED}# {contract.name}（{contract.title}）",
        contract.description.purpose,
        *filter(None, [contract.description.limitations, contract.description.usage]),
        _table(("项", "内容"), _facts(contract)),
        f"## 字段（{len(contract.columns)}）",
        _table(
            ("字段", "来源名称", "中文名", "类型", "分级", "主键", "必填", "编码表", "说明"),
            map(_column, contract.columns),
        ),
        "## 何时扣留",
        _table(("条件", "处置"), _limits(contract)),
    ]
    return "\n\n".join(parts) + "\n"


def _index(departments: dict[str, list[Contract]]) -> str:
    parts = [f"{GENERATED}# 数据目录"]
    for tables in departments.values():
        first = tables[0]
        parts.append(f"## {first.title}")
        parts.append(f"责任单位：{first.team.name}；依据：{first.authority.basis}")
        rows = (
            (
                f"[{one.name}]({one.department}/{one.table}.md)",
                f"`raw.{one.raw_table}`",
                MODES.get(one.extract.mode, one.extract.mode),
                _duration(one.fresh_within),
                _highest_class(one),
                one.version,
            )
            for one in tables
        )
        head = ("表", "位置", "接入方式", "过期时限", "最高分级", "版本")
        parts.append(_table(head, rows))
    return "\n\n".join(parts) + "\n"


def _facts(contract: Contract) -> Iterator[tuple[str, str]]:
    yield "位置", f"`raw.{contract.raw_table}`"
    yield "责任单位", contract.team.name
    yield "共享依据", contract.authority.basis
    yield "共享属性", contract.authority.sharing
    yield "主题域", contract.domain
    yield "版本与状态", f"{contract.version}，{STATES[contract.status]}"
    yield "来源", f"{contract.server.type}，`{contract.extract.object}`"
    yield "接入方式", _mode(contract)
    yield "接入时间", f"`{contract.schedule}`（cron，北京时间）"
    for sla in contract.sla_properties:
        name = "过期时限" if sla.name == "latency" else "上游更新周期"
        yield name, _duration(sla.duration)


def _mode(contract: Contract) -> str:
    said = MODES.get(contract.extract.mode, contract.extract.mode)
    if contract.cursor:
        said += f"（`{contract.cursor}`）"
        if contract.reconcile:
            said += f"，每 {_duration(contract.reconcile)}核对全部主键"
    if isinstance(contract.extract, FileExtract):
        said += f"，格式 {contract.extract.format.kind}"
    return said


def _limits(contract: Contract) -> Iterator[tuple[str, str]]:
    gate = contract.gate
    yield f"拒收率超过 {gate.max_rejected_share:.1%}", "扣留"
    yield f"任一列类型合格率低于 {gate.min_type_share:.1%}", "扣留"
    if contract.extract.mode == "snapshot":
        yield f"行数较上一批减少超过 {gate.max_volume_drop:.0%}", "扣留"
        yield f"在用主键消失超过 {gate.max_lost_keys:.0%}", "扣留"
    for kind, action in contract.drift.model_dump().items():
        yield DRIFTS[kind], ACTIONS[action]


def _column(column: Column) -> tuple[str, ...]:
    return (
        f"`{column.name}`",
        column.physical_name,
        column.business_name,
        TYPES[column.logical_type],
        CLASSES[column.classification],
        "是" if column.primary_key else "",
        "是" if column.required else "",
        f"`{column.code_list}`" if column.code_list else "",
        column.description,
    )


def _highest_class(contract: Contract) -> str:
    return CLASSES[max(column.classification for column in contract.columns)]


def _duration(value: timedelta) -> str:
    days, hours = value.days, value.seconds // 3600
    minutes = value.seconds % 3600 // 60
    parts = [(days, "天"), (hours, "小时"), (minutes, "分钟")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
