---
id: ai-notice-missing
title:
  zh: AI 作品有剧集未作提示
  en: an AI-made title with an episode that gives no notice
action: block
clause: 总局令第16号第三十四条
needs: [titles, episodes]
applies: form = 'ai' AND :as_of >= :ai_notice_from
unknown_when: notice_unknown
evidence: [form, episodes_seen, episodes_without_notice, episodes_notice_unknown]
remedy:
  zh: 每集显著位置加注人工智能生成提示
  en: give the notice in a conspicuous place of every episode
unknown_title:
  zh: 有分集未检视或没有分集数据：是否每集都有人工智能生成提示，无法判定
  en: "episodes were not examined, or there are none: nobody can tell whether each gives the AI notice"
unknown_remedy:
  zh: 检视全部分集，补全 ai_notice，再重审
  en: examine every episode, complete ai_notice, and judge again
because:
  zh: 逐集判断：有一集确无提示即不合格；没有确无提示的，但有未检视的剧集或没有分集数据，则无法判断。
  en: >-
    Every episode counts: one known to lack the notice fails the title. Where none is known to lack it but some
    were not examined, or there are no episode rows, nobody can tell.
---
notice_missing
