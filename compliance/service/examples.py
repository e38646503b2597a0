"""Examples in the OpenAPI document."""

from __future__ import annotations

_FINDING = {
    "rule": "other-platform-number",
    "outcome": "fail",
    "action": "block",
    "clause": "广电办发〔2024〕35号三.2；总局令第16号第三十三条（二）",
    "evidence": {"permit": "（抖音）网微剧备字（2026）第5号", "issuer": "抖音", "platform": "fanqie"},
    "remedy": "以本平台审核版本取得并标注本平台备案号",
}
_VERDICT = {
    "title_id": "t1",
    "decision": "block",
    "stage": "prepublish",
    "tier": 3,
    "regime": "nrta-order-16",
    "permit": "（抖音）网微剧备字（2026）第5号",
    "findings": [_FINDING],
}
_UNKNOWN: dict[str, object] = {
    "title_id": "t2",
    "decision": "hold",
    "stage": "prepublish",
    "tier": None,
    "regime": None,
    "permit": None,
    "findings": [],
    "reason": "unknown_title",
    "detail": "审核状态中没有该剧目，从未判定",
}
_FRAME = {"as_of": "2026-11-23", "state_run": "20261123T010203Z-1f2e3d4c"}

BLOCKED = {**_FRAME, **_VERDICT}
BATCH = {**_FRAME, "decisions": [_VERDICT, _UNKNOWN]}
BY_ID = {"title_ids": ["t1", "t2"]}
BY_ROW = {
    "titles": [
        {
            "title_id": "new",
            "platform": "fanqie",
            "name": "归来之后",
            "kind": "micro_drama",
            "form": "live_action",
            "uploader": "institution",
            "investment_yuan": 200_000,
            "promoted": False,
            "episode_count": 60,
            "longest_episode_s": 120,
            "status": "scheduled",
            "online_at": "2026-11-24T20:00:00+08:00",
            "reviewed_at": "2026-11-22T10:00:00+08:00",
            "permit_number": "（番茄）网微剧备字（2026）第847205号",
            "labels": [
                {"channel": "overlay", "text": "（番茄）网微剧备字（2026）第847205号", "title_text": "归来之后"}
            ],
        }
    ]
}
