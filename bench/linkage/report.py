"""The figures of the linkage in words and tables."""

from typing import Any

Figures = dict[str, Any]


def report(found: Figures) -> str:
    """Return the report as Markdown."""
    people = found["entities"]["resident"]
    return "\n".join(
        [
            "# Who is who: how right, how fast",
            "",
            f"Scale {found['scale']}, seed {found['seed']}, {found['cores']} cores, load"
            f" {found['load']} when measured, {found['measured_at']}. Weights and thresholds were"
            " chosen on seed 20261121. `make bench-linkage` measures this again.",
            "",
            "## Residents",
            "",
            *_table(
                ("Figure", "Value", "Wanted"),
                [
                    ("Precision over pairs", _share(people["precision"]), "≥ 99.9 %"),
                    (
                        "Recall, pairs that share two identifying attributes or more",
                        f"{_share(people['recall'])} of {people['pairs']:,}",
                        "≥ 98.5 %",
                    ),
                    (
                        "Recall, other pairs",
                        f"{_share(people['recall_of_other_pairs'])} of"
                        f" {people['other_pairs']:,}",
                        "–",
                    ),
                    (
                        "Clusters that mix persons",
                        f"{people['over_merged']} of {people['clusters']:,}",
                        "≤ 1 in 5,000",
                    ),
                    ("Records per second", f"{people['records_per_s']:,}", "≥ 150,000"),
                    ("Records per second of processor time",
                     f"{people['records_per_processor_s']:,}", "–"),
                    ("Peak memory", f"{people['peak_mb']:,} MB", "–"),
                    ("Training", f"{people['training_s']} s", "–"),
                ],
            ),
            "",
            "Identifying attributes: id number, name, birth date, phone, dwelling; they count where"
            " both records have the same cleaned value.",
            "",
            *_table(("Rule", "Records"), sorted(people["records_by_rule"].items())),
            "",
            "## Addresses, legal persons, components",
            "",
            *_addresses(found["entities"]["address"]),
            "",
            *_table(
                ("Entity", "Records", "Precision", "Recall", "Clusters that mix"),
                [
                    (
                        entity,
                        f"{figures['records']:,}",
                        _share(figures["precision"]),
                        _share(figures["recall_of_all_pairs"]),
                        f"{figures['over_merged']} of {figures['clusters']:,}",
                    )
                    for entity, figures in found["entities"].items()
                    if entity in ("legal_person", "component")
                ],
            ),
            "",
            "## Fields",
            "",
            "How often a department is right, and the chosen value of the same persons.",
            "",
            *_table(
                ("Field", "Source", "Persons", "Source right", "Chosen right"),
                [
                    (
                        each["field"],
                        each["source"],
                        f"{each['persons']:,}",
                        _share(each["source_share"]),
                        _share(each["chosen_share"]),
                    )
                    for each in found["fields"]
                ],
            ),
            "",
            *_steps(found["steps"]),
        ]
    )  # fmt: skip


def _addresses(figures: Figures) -> list[str]:
    return _table(
        ("Place", "Precision", "Recall"),
        [
            (place, _share(figures[place]["precision"]), _share(figures[place]["recall"]))
            for place in ("building", "dwelling")
        ],
    )


def _steps(steps: dict[str, float]) -> list[str]:
    if not steps:
        return []
    return ["## Steps", "", *_table(("Step", "Seconds"), list(steps.items())), ""]


def _table(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> list[str]:
    lines = [head, ("---",) * len(head), *rows]
    return ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines]


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.3f} %"
