---
id: permit-not-accepted
title:
  zh: 该类编号不再适用
  en: a kind of number that is no longer accepted
action: block
clause: 广电办发〔2024〕35号三.2
needs: [titles]
applies: permit_parsed AND NOT legacy
evidence: [permit, permit_family, online_on]
remedy:
  zh: 办理网微剧审字许可证或网微剧备字备案
  en: obtain a licence or filing of the micro-drama families
because:
  zh: 上线备案号（V 号）与网剧、网影、网动审字只能证明新规实施日前上线的作品。
  en: >-
    Online-filing numbers (V numbers) and series licences prove only titles that were online before the duty
    began.
---
permit_family IS NOT DISTINCT FROM 'online_filing' OR permit_family IS NOT DISTINCT FROM 'series_licence'
