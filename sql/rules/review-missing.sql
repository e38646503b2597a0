---
id: review-missing
title:
  zh: 平台审核缺失
  en: the platform's review is missing
action: hold
clause: 广电办发〔2024〕35号三.1；总局令第16号第三十三条（二）
needs: [titles]
applies: platform_filing
evidence: [permit, reviewed_at, online_at, reshown_at, status]
remedy:
  zh: 由平台完成内容审核并留存记录
  en: let the platform review the content, and keep the record
because:
  zh: 其他微短剧先审后播。已上线且未重播的作品，审核时间不得晚于首次上线时间；重播作品另见 reshow-unreviewed。
  en: >-
    A title that only the platform reviews is reviewed before it is shown. For an online title never re-shown the
    review may not be later than its first minute online; for re-shown ones see reshow-unreviewed.
---
reviewed_at IS NULL
OR (status = 'online' AND reshown_at IS NULL AND online_at IS NOT NULL AND reviewed_at > online_at)
