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
---
NOT producer_equal
