---
id: permit-inactive
title:
  zh: 登记库中该号不是有效状态
  en: the register shows the number as not active
action: block
clause: 总局令第16号第三十三条、第四十七条
needs: [titles, register]
applies: registered
unknown_when: register_stale
evidence: [permit, register_status, register_stale]
remedy:
  zh: 下线或停止上线，待证件恢复有效或换发新号
  en: keep the title offline until its document is active again or replaced
unknown_title:
  zh: 登记库过期或缺失：该号是否有效，无法判定
  en: "the register is stale or absent: nobody can tell whether the number is active"
unknown_remedy:
  zh: 导入相应备案系统的最新导出，再重审
  en: import a new extract of the filing system, and judge again
---
register_status IS DISTINCT FROM 'active'
