"""`gate schedule`: the clock. Starts each job when it is due, as a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from compliance.cli.config import load_config
from compliance.cli.language import Message
from compliance.errors import EXIT_CLEAR, ConfigurationError

if TYPE_CHECKING:
    from jobs.signals.station import Station

HELP = Message(
    "常驻的时钟：到点启动任务，停机后按各任务的约定补跑。可以在几台主机上同时运行。",
    "The clock: starts jobs when they are due and catches up after downtime. May run on several hosts at once.",
)
METRICS_PORT = Message("在这个端口提供 Prometheus 指标", "give Prometheus metrics at this port")
METRICS_HOST = Message("指标的监听地址", "address for the metrics")
NO_PORT = Message("{host}:{port} 上不能提供指标：{error}", "metrics cannot be given at {host}:{port}: {error}")
PORT_REMEDY = Message(
    "换一个 --metrics-port；--metrics-host 须为本机地址",
    "choose another --metrics-port; --metrics-host is an address of this machine",
)

app = typer.Typer(add_completion=False)


@app.command(help=HELP())
def schedule(
    metrics_port: Annotated[int | None, typer.Option("--metrics-port", min=1, max=65535, help=METRICS_PORT())] = None,
    metrics_host: Annotated[str, typer.Option("--metrics-host", help=METRICS_HOST())] = "127.0.0.1",
) -> int:
    """Run until stopped; what is at work then is stopped, too, and taken up again by whoever comes next."""
    config = load_config()

    import threading

    import structlog

    from compliance.cli.session import SESSION
    from jobs.clockwork.processes import Processes
    from jobs.clockwork.scheduling import Clock
    from jobs.desk import desk_for
    from jobs.signals.logs import configure_log

    configure_log()
    desk = desk_for(config)
    processes = Processes(config.path or SESSION.config)
    clock = Clock(desk.performer, desk.jobs, processes.start, after_look=desk.station.tell)
    if metrics_port is not None:
        _answer(desk.station, metrics_host, metrics_port)
    clock.run()
    structlog.get_logger().info("clock runs", jobs=len(desk.jobs))
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        structlog.get_logger().info("clock stops")
    finally:
        processes.stop()
        clock.end()
    return EXIT_CLEAR


def _answer(station: Station, host: str, port: int) -> None:
    """Give the metrics to whoever asks for them. Raises ConfigurationError where nobody can."""
    from prometheus_client import CollectorRegistry, start_http_server

    from jobs.signals.metrics import Scraped

    registry = CollectorRegistry()
    registry.register(Scraped(station.collector, station.database_away))
    try:
        start_http_server(port, host, registry)
    except OSError as error:
        raise ConfigurationError(NO_PORT(host=host, port=port, error=error.strerror), remedy=PORT_REMEDY()) from error
