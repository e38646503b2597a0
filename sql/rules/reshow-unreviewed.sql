---
id: reshow-unreviewed
title:
  zh: 重播前未重新审核
  en: re-shown without a new review
action: hold
clause: 总局令第16号第三十五条
needs: [titles]
applies: |
    platform_filing AND reshown_at IS NOT NULL
    AND (taken_down_at IS NULL OR reshown_at > taken_down_at)
evidence: [permit, taken_down_at, reshown_at, reviewed_at]
remedy:
  zh: 重播前重新审核，审核时间应晚于下线时间
  en: review the title again after it was taken down
because:
  zh: 谁重播，谁审核。没有下线时间的重播也按重播看待。
  en: Who re-shows a title reviews it. A return without a recorded take-down counts as a re-show.
---
reviewed_at IS NULL OR (taken_down_at IS NOT NULL AND reviewed_at < taken_down_at)
