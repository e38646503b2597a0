---
id: permit-producer-mismatch
title:
  zh: 制作机构与登记不符
  en: the producer differs from the registered one
action: warn
clause: 总局令第16号第十六条
needs: [titles, register]
applies: registered AND producer IS NOT NULL AND register_producer IS NOT NULL
unknown_when: register_stale
evidence: [permit, producer, register_producer, register_stale]
remedy:
  zh: 核对制作机构；确有变更的办理变更手续
  en: compare the producers; file the change if there was one
unknown_title:
  zh: 登记库过期或缺失：制作机构是否与登记相符，无法判定
  en: "the register is stale or absent: nobody can tell whether the producer is the registered one"
unknown_remedy:
  zh: 导入相应备案系统的最新导出，再重审
  en: import a new extract of the filing system, and judge again
---
NOT producer_equal
