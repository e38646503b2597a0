"""What `gate doctor` looks at: each examination gives lines that say ok, warn or fail, and what to do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from compliance import clock
from compliance.cli.checkup_catalog import CATALOG, CLOCK, LABELS, catalog_of
from compliance.cli.checkup_jobs import JOBS, jobs
from compliance.cli.checkup_keys import keys
from compliance.cli.config import Config
from compliance.cli.evidence import folder_for, store_for
from compliance.cli.examining import Line, guarded
from compliance.cli.language import Message
from compliance.errors import EXIT_INCOMPLETE
from compliance.outputs import current_audit
from compliance.policy import Policy
from compliance.rules.loading import load_rules
from compliance.rules.under_policy import enabled_rules, parameter_values

LITTLE_SPACE = 5 * 1024**3
TOO_LITTLE_SPACE = 512 * 1024**2

CONFIGURATION = Message("配置", "configuration")
NO_FILE = Message("没有配置文件，全部用默认值", "no file: defaults throughout")
POLICY = Message("政策", "policy")
REVISION = Message("版本 {revision}，今日生效 {regimes}", "revision {revision}; in force today: {regimes}")
RULES = Message("规则", "rules")
RULES_ON = Message("{on} 条启用，{off} 条停用", "{on} on, {off} off")
RULE_OFF = Message("{rule} 已停用：{reason}", "{rule} is off: {reason}")
TURN_ON = Message("理由不再成立时，从 [rules] off 中删去", "take it out of [rules] off once the reason is gone")
NOW = Message("上海时间 {now:%Y-%m-%d %H:%M}", "{now:%Y-%m-%d %H:%M} in Asia/Shanghai")
OUTPUTS = Message("输出", "outputs")
NO_OUT = Message("没有指定输出文件夹", "no folder is given")
GIVE_OUT = Message("用 --out 指定，或在配置中写 out", "give --out, or set out in the configuration")
FREE = Message("{path}：剩余 {free:.1f} GB", "{path}: {free:.1f} GB free")
MAKE_ROOM = Message("腾出空间：审核大片库时要写临时文件", "make room: auditing a large catalog writes temporary files")
NO_FOLDER = Message("{path} 不是文件夹", "{path} is no folder")
NOT_WRITABLE = Message("{path} 不可写", "{path} cannot be written to")
LAST_RUN = Message("最近一次完整审核：{run}", "last complete run: {run}")
NO_RUN = Message("还没有完整的审核", "no complete run yet")
NO_CATALOG = Message("没有指定片库", "no catalog is given")
GIVE_CATALOG = Message("用 --catalog 指定，或在配置中写 catalog", "give --catalog, or set catalog in the configuration")
READINGS = Message("{folder} 中有 {number:,} 条读数", "{number:,} readings in {folder}")
READERS = Message("读取视频所需的程序库与模型齐全", "libraries and models to read videos are installed")


def checkup(config: Config, *, catalog: str | None, out: Path | None, mapping: Path | None) -> Iterator[Line]:
    """Look at everything a run needs, one thing after the other; what fails does not keep the rest from being seen."""
    policy = config.policy
    yield Line("ok", CONFIGURATION(), str(config.path) if config.path else NO_FILE())
    yield _policy(policy)
    yield from guarded(RULES(), lambda: _rules(policy))
    yield Line("ok", CLOCK(), NOW(now=clock.now().astimezone(clock.SHANGHAI)))
    blocked = None if out is None else _no_folder(out)
    if blocked is None:
        yield from _outputs(out)
        yield from keys(config, out)
    else:
        yield Line("fail", OUTPUTS(), NO_FOLDER(path=blocked), GIVE_OUT(), EXIT_INCOMPLETE)
    yield from guarded(JOBS(), lambda: jobs(config))
    if config.labels.media is not None:
        yield from guarded(LABELS(), _readers)
    yield from guarded(LABELS(), lambda: _evidence(config, out))
    if catalog is None:
        yield Line("warn", CATALOG(), NO_CATALOG(), GIVE_CATALOG())
    else:
        memory = config.memory or "3GB"
        yield from guarded(CATALOG(), lambda: catalog_of(catalog, mapping, memory, config))


def _policy(policy: Policy) -> Line:
    today = clock.today()
    regimes = sorted({policy.regime_on(today, form)[0].id for form in ("live_action", "ai", "animation")})
    return Line("ok", POLICY(), REVISION(revision=policy.revision, regimes=", ".join(regimes)))


def _rules(policy: Policy) -> Iterator[Line]:
    rules = load_rules()
    enabled = enabled_rules(rules, policy)
    parameter_values(policy, clock.today())
    yield Line("ok", RULES(), RULES_ON(on=len(enabled), off=len(rules) - len(enabled)))
    for rule, reason in policy.rules.off.items():
        yield Line("warn", RULES(), RULE_OFF(rule=rule, reason=reason), TURN_ON())


def _outputs(out: Path | None) -> Iterator[Line]:
    if out is None:
        yield Line("warn", OUTPUTS(), NO_OUT(), GIVE_OUT())
        return
    place = _nearest(out)
    if not os.access(place, os.W_OK | os.X_OK):
        yield Line("fail", OUTPUTS(), NOT_WRITABLE(path=place), GIVE_OUT(), EXIT_INCOMPLETE)
    free = shutil.disk_usage(place).free
    says = FREE(path=place, free=free / 1024**3)
    if free < TOO_LITTLE_SPACE:
        yield Line("fail", OUTPUTS(), says, MAKE_ROOM(), EXIT_INCOMPLETE)
    else:
        yield Line("ok", OUTPUTS(), says) if free >= LITTLE_SPACE else Line("warn", OUTPUTS(), says, MAKE_ROOM())
    run = current_audit(out)
    yield Line("ok", OUTPUTS(), LAST_RUN(run=run.name) if run else NO_RUN())


def _nearest(out: Path) -> Path:
    """What there is of a path: itself, or the nearest place above it."""
    return next(place for place in (out, *out.resolve().parents) if place.exists())


def _no_folder(out: Path) -> Path | None:
    """What stands where a folder should be, the out folder's own place or one above it; None where nothing does."""
    nearest = _nearest(out)
    return None if nearest.is_dir() else nearest


def _evidence(config: Config, out: Path | None) -> Iterator[Line]:
    """Reports and `gate explain` have their frames from it, and go on without them."""
    folder = folder_for(config, out)
    store = None if folder is None else store_for(config, folder)
    if store is not None and store.exists():
        yield Line("ok", LABELS(), READINGS(folder=store.folder, number=store.prove()))


def _readers() -> Iterator[Line]:
    from compliance.labels.models import require

    require()
    yield Line("ok", LABELS(), READERS())
