"""How the house tells what it does: a log, metrics, health-check pings, alerts."""
