"""The gate for spark-submit, which takes a file: see submit.sh beside it."""

from compliance.cli.main import run

if __name__ == "__main__":
    run()
