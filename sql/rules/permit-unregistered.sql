---
id: permit-unregistered
title:
  zh: 登记库查无此号
  en: the number is not in the register
action: block
clause: 总局令第16号第三十三条
needs: [titles, register]
applies: permit_parsed
unknown_when: register_stale
evidence: [permit, registered, register_stale]
remedy:
  zh: 向备案机构核实该号；确已备案的，导入最新登记库后重审
  en: ask the filing office about this number; if it exists, import a newer extract and judge again
because:
  zh: 登记库过期或缺失时，查得到与查不到都不能作数。
  en: While the register is stale or absent, neither finding nor missing a number proves anything.
---
NOT registered
