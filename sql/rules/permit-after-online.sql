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
unknown_title:
  zh: 登记库过期或缺失：是否先上线后备案，无法判定
  en: "the register is stale or absent: nobody can tell whether the document is later than the online day"
unknown_remedy:
  zh: 导入相应备案系统的最新导出，再重审
  en: import a new extract of the filing system, and judge again
---
register_issued_late
