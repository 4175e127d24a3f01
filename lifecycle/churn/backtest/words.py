"""The answer as a table for a terminal."""

from typing import Any

FIGURES = ("auc", "lift_at_10", "precision_at_10", "brier", "ece", "observed_expected")


def table(found: dict[str, Any]) -> str:
    """The methods, the champion and why, the skipped and the alarms."""
    head = f"{found['population']:,} of the population, {found['base_rate']:.1%} lost"
    lines = [head, "", f"{'':18}" + "".join(f"{name:>18}" for name in FIGURES)]
    for name, figures in found["methods"].items():
        cells = ("–" if figures[each] is None else f"{figures[each]:.3f}" for each in FIGURES)
        lines.append(f"{name:18}" + "".join(f"{cell:>18}" for cell in cells))
    champion = found["champion"]
    shown = "yes" if found["better_than_base_rate"] else "not shown"
    lines += ["", f"champion: {champion['name']} ({champion['why']})", f"better than the base rate: {shown}"]
    lines += [f"skipped {name}: {why}" for name, why in found["skipped"].items()]
    lines += [f"ignored {name}: {why}" for name, why in found.get("ignored", {}).items()]
    lines += [f"alarm {each['origin']}: {each['kind']} {each['value']:.2f}" for each in found["alarms"]]
    return "\n".join(lines)
