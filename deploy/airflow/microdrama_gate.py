"""The jobs of the compliance gate as Airflow DAGs: Airflow is the clock, the gate's run ledger knows what was run.

A task may be cleared and run again at will: what is done stays done. For a past day, `gate backfill` is the way.
Needs Airflow 2.9 or newer, and on its workers `gate` with GATE_CONFIG. Where `gate` is not on their PATH, set the
Variable `microdrama_gate` to its path.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pendulum
from airflow import DAG

try:
    from airflow.providers.standard.operators.bash import BashOperator
except ImportError:  # Airflow 2
    from airflow.operators.bash import BashOperator

SHANGHAI = pendulum.timezone("Asia/Shanghai")

JOBS = {
    "nightly-audit": ("30 2 * * *", timedelta(hours=7)),
    "prepublication-scan": ("*/15 * * * *", timedelta(hours=1)),
    "register-freshness": ("0 8 * * *", timedelta(hours=1)),
    "waiver-notices": ("0 9 * * *", timedelta(hours=1)),
    "label-reading": ("20 * * * *", timedelta(hours=6)),
    "reports": ("0 7 * * *", timedelta(hours=1)),
    "weekly-audit": ("30 6 * * 0", timedelta(hours=7)),
    "retention": ("0 5 * * 0", timedelta(hours=1)),
}
"""Schedule and longest time of each job."""

# Exit 1 says that something is blocked or held, which is no failure of the run; 3 and 4 are for a person to look at.
COMMAND = "{{ var.value.get('microdrama_gate', 'gate') }} run %s --exit-zero --scheduled-for '{{ data_interval_end }}'"

for job, (schedule, longest) in JOBS.items():
    with DAG(
        dag_id=f"microdrama_gate_{job.replace('-', '_')}",
        schedule=schedule,
        start_date=datetime(2026, 1, 1, tzinfo=SHANGHAI),
        catchup=False,
        max_active_runs=1,
        tags=["compliance"],
    ) as dag:
        # No retries here: the gate tries again by itself, with its own waits and budget.
        BashOperator(task_id="run", bash_command=COMMAND % job, retries=0, execution_timeout=longest)
    globals()[dag.dag_id] = dag
