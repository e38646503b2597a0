---
id: permit-after-online
title:
  zh: 发证备案晚于上线
  en: the document is later than the first day online
action: warn
clause: 总局令第16号第三十三条
needs: [titles, register]
applies: registered AND status = 'online'
unknown_when: register_stale
evidence: [permit, register_issued_on, online_on, register_stale]
remedy:
  zh: 说明先上线后备案的原因并留存记录
  en: record why the title was online before its document existed
---
register_issued_late
