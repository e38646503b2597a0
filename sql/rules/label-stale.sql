---
id: label-stale
title:
  zh: 标注证据出自旧版视频
  en: label evidence of another cut
action: hold
clause: 总局令第16号第三十一条
needs: [titles, labels, episodes]
applies: label_present
evidence: [permit, label_present, label_fresh]
remedy:
  zh: 对现行版本重新采集标注；改版须重新审核
  en: read the labels of the present cut; a changed cut needs a new review
because:
  zh: 全部标注记录的视频指纹都不属于现有任何一集。
  en: Every label row was read from a video that is no present episode of the title.
---
NOT label_fresh
