"""A catalog of Parquet files as a platform's own tables: the schemas that the shipped mappings read.

What a schema has no column for is lost: `declared_tier` in both, `voluntary_tier` in the WeChat-like one. The
Douyin-like one counts titles and placements by number, so `t00000042` is 42 there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import psycopg
import sqlalchemy as sa

from compliance.resources import sql_folder
from tests.databases import engine_of

_BLOCK = 1 << 20

_CODE = "list_position([{}], {})"


def _code(column: str, *words: str) -> str:
    """The place of a word in a list, counted from 1."""
    return _CODE.format(", ".join(f"'{word}'" for word in words), column)


_KIND = _code("kind", "micro_drama", "drama", "other")
_FORM = _code("form", "live_action", "ai", "animation")
_NUMBER_COLUMNS = ("license_num", "registration_num", "ordinary_record_num", "key_record_num")
_IN_ONE_OF_FOUR = ", ".join(
    f"CASE WHEN hash(title_id) % 4 = {place} THEN permit_number END AS {column}"
    for place, column in enumerate(_NUMBER_COLUMNS)
)
"""A number in the wrong field is a common defect, and none for the mapping."""

DOUYIN_LIKE: Mapping[str, str] = {
    "app": """
SELECT platform AS app_id, name AS app_name, short_names AS filing_short_names, operator AS company, av_licence,
    registration_no, valid_until AS registration_valid_until
FROM platforms""",
    "album": f"""
SELECT title_id[2:]::BIGINT AS album_id, platform AS app_id, name AS title, {_KIND} AS album_type, {_FORM} AS make_type,
    producer AS production_organisation, {_code("uploader", "institution", "individual")} AS uploader_type,
    investment_yuan AS cost_yuan,
    CASE WHEN subjects IS NOT NULL
        THEN '{{"' || array_to_string(regexp_split_to_array(subjects, '[,，、]'), '","') || '"}}' END AS tag_list,
    promoted AS is_main_push, voluntary_tier AS voluntary_class,
    {_code("status", "draft", "scheduled", "online", "offline")} AS status,
    online_at::TIMESTAMPTZ AS online_time, taken_down_at::TIMESTAMPTZ AS offline_time,
    reshown_at::TIMESTAMPTZ AS reshown_time, reviewed_at::TIMESTAMPTZ AS audit_time,
    updated_at::TIMESTAMPTZ AS modify_time
FROM titles""",
    "album_record_info": f"SELECT title_id[2:]::BIGINT AS album_id, {_IN_ONE_OF_FOUR}, 2 AS qualification FROM titles",
    "album_episode": """
SELECT title_id[2:]::BIGINT AS album_id, episode_no AS seq, duration_s * 1000 - 400 AS duration_ms,
    media_hash AS video_hash, ai_notice
FROM episodes""",
    "shown_label": f"""
SELECT title_id[2:]::BIGINT AS album_id, episode_no AS seq,
    {_code("channel", "burned_in", "overlay", "detail_page")} AS place, text AS shown_number,
    title_text AS shown_title, confidence AS score, media_hash AS video_hash, read_at::TIMESTAMPTZ AS seen_time
FROM labels""",
    "recommendation": """
SELECT placement_id[2:]::BIGINT AS recommendation_id, title_id[2:]::BIGINT AS album_id,
    CASE slot WHEN 'first_screen' THEN 'home_top' WHEN 'paid_traffic' THEN 'ads' ELSE slot END AS slot,
    starts_at::TIMESTAMPTZ AS start_time, ends_at::TIMESTAMPTZ AS end_time
FROM placements""",
    "filing_extract": f"""
SELECT permit_number AS number, title_name AS title, alt_name AS other_title, producer AS production_organisation,
    filing_org AS filing_organisation, platform AS broadcast_platform,
    CASE status WHEN 'active' THEN '有效' WHEN 'pending' THEN '审核中' WHEN 'suspended' THEN '暂停'
        WHEN 'revoked' THEN '撤销' WHEN 'expired' THEN '过期' END AS state,
    issued_on, {_code("system", "key", "ordinary", "other")} AS port,
    reported_at::TIMESTAMPTZ AS reported_time, updated_at::TIMESTAMPTZ AS imported_time
FROM register""",
    "issuers": "SELECT short_name, level, operator FROM issuers",
}
"""Table → the SELECT that fills it from the contract's relations."""

WECHAT_LIKE: Mapping[str, str] = {
    "channel_account": """
SELECT platform AS account_id, name AS account_name, short_names AS filing_short_names, operator AS company, av_licence,
    registration_no, valid_until AS registration_valid_until
FROM platforms""",
    "drama": f"""
SELECT title_id AS drama_id, platform AS account_id, name AS drama_name, {_KIND} AS drama_type, {_FORM} AS made_with,
    producer, (uploader = 'individual')::INTEGER AS uploaded_by_person,
    (investment_yuan::DECIMAL(18, 4) / 10000)::DECIMAL(12, 4)::VARCHAR AS production_cost_wan, subjects,
    promoted::INTEGER AS main_push,
    CASE WHEN contains(permit_number, '审') THEN 2 ELSE 1 END AS qualification_type,
    CASE WHEN NOT contains(permit_number, '审') THEN permit_number END AS registration_number,
    CASE WHEN contains(permit_number, '审') THEN permit_number END AS publish_license,
    episode_count AS media_count, longest_episode_s AS longest_media_s,
    {_code("status", "draft", "scheduled", "online", "offline")} - 1 AS drama_status,
    online_at AS publish_time, taken_down_at AS takedown_time, reshown_at AS republish_time, reviewed_at AS audit_time,
    updated_at AS update_time
FROM titles""",
    "drama_media": """
SELECT title_id AS drama_id, episode_no AS media_no, duration_s, media_hash AS file_md5, ai_notice::INTEGER AS ai_mark
FROM episodes""",
    "drama_label": """
SELECT title_id AS drama_id, episode_no AS media_no,
    CASE channel WHEN 'burned_in' THEN 'frame' WHEN 'overlay' THEN 'player' ELSE 'page' END AS shown_in,
    text AS shown_number, title_text AS shown_name, confidence AS score, media_hash AS file_md5, read_at AS seen_time
FROM labels""",
    "drama_promotion": """
SELECT placement_id AS promotion_id, title_id AS drama_id, slot AS promoted_in, starts_at AS begin_time,
    ends_at AS end_time
FROM placements""",
    "filing": """
SELECT permit_number AS filing_number, title_name AS drama_name, alt_name AS former_name, producer, filing_org,
    platform, status AS filing_status, issued_on AS filing_date, system AS filing_system, reported_at AS reported_time,
    updated_at AS update_time
FROM register""",
    "issuers": "SELECT short_name, level, operator FROM issuers",
}

_ISSUERS = "CREATE TABLE issuers (short_name VARCHAR(100), level VARCHAR(20), operator VARCHAR(200))"
"""The mappings leave this relation to a table or view of its own name."""


def load_douyin_like(url: str, catalog: Path) -> str:
    """Make the Douyin-like tables on PostgreSQL and fill them by COPY; returns the URL."""
    _make_tables(url, "douyin_like")
    con = _relations(catalog)
    with psycopg.connect(_libpq(url)) as server, server.cursor() as cursor, TemporaryDirectory() as folder:
        for table, select in DOUYIN_LIKE.items():
            file = Path(folder, f"{table}.csv")
            con.execute(f"COPY ({select}) TO '{file}' (FORMAT csv, HEADER false, NULLSTR '\\N')")
            columns = ", ".join(name for name, *_ in con.execute(f"DESCRIBE {select}").fetchall())
            with (
                file.open("rb") as rows,
                cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv, NULL '\\N')") as into,
            ):
                while block := rows.read(_BLOCK):
                    into.write(block)
            file.unlink()
    return url


def load_wechat_like(url: str, catalog: Path) -> str:
    """Make the WeChat-like tables on MariaDB, MySQL or SQLite and fill them; returns the URL."""
    _make_tables(url, "wechat_like")
    con = _relations(catalog)
    with engine_of(url).begin() as connection:
        for table, select in WECHAT_LIKE.items():
            result = con.execute(select)
            names = [name for name, *_ in result.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
            places = ", ".join(f":{name}" for name in names)
            connection.execute(sa.text(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"), rows)
    return url


def _relations(catalog: Path) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(config={"memory_limit": "2GB"})
    con.execute("SET TimeZone = 'Asia/Shanghai'")
    for file in catalog.glob("*.parquet"):
        con.execute(f"CREATE VIEW {file.stem} AS FROM '{file}'")
    return con


def _make_tables(url: str, mapping: str) -> None:
    schema = (sql_folder() / "catalogs" / mapping / "schema.sql").read_text(encoding="utf-8")
    with engine_of(url).begin() as connection:
        for statement in (*schema.split(";"), _ISSUERS):
            if statement.strip():
                connection.execute(sa.text(statement))


def _libpq(url: str) -> str:
    return sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
