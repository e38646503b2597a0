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
---
register_status IS DISTINCT FROM 'active'
