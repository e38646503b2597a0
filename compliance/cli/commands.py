"""The commands there are: one line each. A command's module is loaded only when it is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from compliance.cli.language import Message
from compliance.cli.session import EVERYWHERE


@dataclass(frozen=True, slots=True)
class Command:
    """Where a command lives: a module with a Typer application named `app`."""

    module: str
    does: Message


COMMANDS: Mapping[str, Command] = {
    "demo": Command("compliance.cli.demo", Message("生成样例片库并审核", "make a sample catalog and audit it")),
    "audit": Command("compliance.cli.audit", Message("审核整个片库", "judge a whole catalog")),
    "prepublish": Command(
        "compliance.cli.prepublish", Message("判定即将上线的剧目", "judge what is about to go online")
    ),
    "check": Command("compliance.cli.check", Message("判定单个剧目或备案号", "decide single titles or a number")),
    "explain": Command("compliance.cli.explain", Message("逐条说明一部剧目", "every rule at one title")),
    "serve": Command("compliance.cli.serve", Message("判定服务", "the decision service")),
    "blocklist": Command("compliance.cli.blocklist", Message("拦截名单的版本", "versions of the block list")),
    "report": Command("compliance.cli.report", Message("重新生成报告", "the reports of a run again")),
    "waive": Command("compliance.cli.waive", Message("豁免", "waivers")),
    "history": Command("compliance.cli.history", Message("一部剧目判定的变化", "how a title's verdict has changed")),
    "verify": Command(
        "compliance.cli.verify", Message("验证台账未被改动", "prove that the ledger is what was written")
    ),
    "register": Command(
        "compliance.cli.register_duties",
        Message("备案登记库：导入、上报、编号", "the register: extracts, uploads, own numbers"),
    ),
    "labels": Command("compliance.cli.labels", Message("读取视频片头标注", "read labels from the videos themselves")),
    "run": Command("jobs.commands.run", Message("运行一个任务", "one job for one scheduled time")),
    "runs": Command("jobs.commands.runs", Message("任务的运行记录", "what was run when, and what became of it")),
    "backfill": Command("jobs.commands.backfill", Message("补跑过去的计划时刻", "run past scheduled times of a job")),
    "schedule": Command("jobs.commands.schedule", Message("定时时钟", "the clock that starts the jobs")),
    "tables": Command(
        "jobs.commands.tables",
        Message("建立或升级自有 PostgreSQL 数据库的表", "make or upgrade the tables of its own PostgreSQL database"),
    ),
    "policy": Command("compliance.cli.policy", Message("查看政策与设置", "regimes and settings in force")),
    "doctor": Command("compliance.cli.doctor", Message("检查运行条件", "check what a run needs")),
}

OVERVIEW = Message(
    "微短剧合规闸门\n\n用法：gate 命令 [选项]\n\n命令：",
    "The compliance gate for micro-dramas\n\nUsage: gate COMMAND [OPTIONS]\n\nCommands:",
)
DETAILS = Message("`gate 命令 --help` 查看该命令的选项", "`gate COMMAND --help` tells a command's options")
EXIT_CODES = Message(
    "退出码：0 无需处理 · 1 有拦截或待审 · 2 用法或配置错误 · 3 未全部审完 · 4 发布被熔断",
    "Exit codes: 0 clear · 1 blocked or held titles · 2 usage or configuration · 3 incomplete · 4 held by the breaker",
)
NO_COMMAND = Message("没有命令 {name}", "there is no command {name}")
SUGGESTION = Message("\n  → 是否指 {near}？", "\n  → did you mean {near}?")


def overview() -> str:
    """The text of `gate --help`."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {command.does()}" for name, command in COMMANDS.items()]
    return "\n".join([OVERVIEW(), *lines, "", EVERYWHERE(), EXIT_CODES(), DETAILS(), ""])


def unknown_command(name: str) -> str:
    """The complaint about a command that there is not."""
    near = get_close_matches(name, COMMANDS, n=1)
    return NO_COMMAND(name=name) + (SUGGESTION(near=near[0]) if near else "")
