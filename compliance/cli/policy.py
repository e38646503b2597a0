"""`gate policy`: the regimes and settings in force, with their sources; and what changes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, get_args

import typer

from compliance.cli import forecasting
from compliance.cli.config import load_config
from compliance.cli.console import say_json, say_table
from compliance.cli.language import Message
from compliance.cli.options import AsJson
from compliance.cli.policy_tables import part, print_part, print_whole, whole, whole_regime
from compliance.errors import ConfigurationError
from compliance.policy import Form, Period, Policy, Regime
from compliance.policy.model import FORMS

FORMS_IN = Message("形式（live_action、ai、animation）", "form: live_action, ai, animation")
ON = Message("只看这一天生效的制度（YYYY-MM-DD）", "only the regimes in force on this day (YYYY-MM-DD)")
WHICH = Message(
    "制度或设置的名称，或 waivers、guard、special_subjects、placeholders；不写则列出制度以外的全部",
    "a regime or setting, or waivers, guard, special_subjects, placeholders; all but the regimes where none is given",
)
LIST_HELP = Message("按日期列出各项制度及分类金额", "the regimes by date, with the amounts of their tiers")
SHOW_HELP = Message(
    "查看全部设置、界限与名单，或其中一项，或一项制度", "all settings, bounds and lists, or one of them, or one regime"
)
APP_HELP = Message("查看政策与设置", "regimes and settings in force")
REGIME_HEADERS = (
    Message("制度", "regime"),
    Message("形式", "forms"),
    Message("自", "from"),
    Message("至", "until"),
    Message("一类起（元）", "tier 1 from (yuan)"),
    Message("二类起（元）", "tier 2 from (yuan)"),
    Message("可信度", "confidence"),
)
NO_FORM = Message("没有 {form} 这种形式；可选 {forms}", "there is no form {form}; the forms are {forms}")

app = typer.Typer(help=APP_HELP(), no_args_is_help=True, add_completion=False)
app.command("forecast", help=forecasting.FORECAST_HELP())(forecasting.forecast)
app.command("diff", help=forecasting.DIFF_HELP())(forecasting.diff)

OnDay = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help=ON())]
OfForm = Annotated[str | None, typer.Option("--form", help=FORMS_IN())]


@app.command("list", help=LIST_HELP())
def list_regimes(on: OnDay = None, form: OfForm = None, as_json: AsJson = False) -> None:
    """Print the regimes with their periods, in order of time; with a day, those in force on it."""
    policy = load_config().policy
    rows = _rows(policy, on.date() if on else None, _forms(form))
    if as_json:
        say_json([_regime_row(regime, period) for regime, period in rows])
        return
    say_table(
        [header() for header in REGIME_HEADERS],
        [list(_regime_row(regime, period, shown=True).values()) for regime, period in rows],
        numbers=(4, 5),
    )


@app.command("show", help=SHOW_HELP())
def show(
    name: Annotated[str | None, typer.Argument(help=WHICH())] = None,
    on: OnDay = None,
    form: OfForm = None,
    as_json: AsJson = False,
) -> None:
    """Print one part of the policy in full; without a name all but the regimes, or with a day those in force on it."""
    policy = load_config().policy
    if name is not None:
        shown: Any = part(policy, name)
    elif on is not None or form is not None:
        rows = _rows(policy, on.date() if on else None, _forms(form))
        shown = [whole_regime(regime) for regime in {regime.id: regime for regime, _ in rows}.values()]
    elif as_json:
        shown = whole(policy)
    else:
        print_whole(policy)
        return
    if as_json:
        say_json(shown)
        return
    for values in shown if isinstance(shown, list) else [shown]:
        print_part(name or values["id"], values)


def _forms(form: str | None) -> tuple[Form, ...]:
    if form is None:
        return FORMS
    for known in FORMS:
        if form == known:
            return (known,)
    raise ConfigurationError(NO_FORM(form=form, forms=", ".join(get_args(Form))))


def _rows(policy: Policy, on: date | None, forms: tuple[Form, ...]) -> list[tuple[Regime, Period]]:
    """Regimes and periods for any of the forms, each once, in order of time."""
    found: dict[tuple[str, date, int], tuple[Regime, Period]] = {}
    for form in forms:
        held = policy.periods(form) if on is None else [policy.regime_on(on, form)]
        for regime, period in held:
            found[regime.id, period.from_, regime.periods.index(period)] = (regime, period)
    return sorted(found.values(), key=lambda pair: (pair[1].from_, pair[0].id))


def _regime_row(regime: Regime, period: Period, *, shown: bool = False) -> dict[str, Any]:
    tiers = (period.tier_1_from_yuan, period.tier_2_from_yuan)
    amounts = [f"{amount:,}" if shown and amount is not None else amount for amount in tiers]
    return {
        "regime": regime.id,
        "forms": ", ".join(period.forms) if shown else period.forms,
        "from": period.from_,
        "until": period.until,
        "tier_1_from_yuan": amounts[0],
        "tier_2_from_yuan": amounts[1],
        "confidence": period.confidence,
    }
