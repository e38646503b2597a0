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
unknown_title:
  zh: 登记库过期或缺失：该号是否已登记，无法判定
  en: "the register is stale or absent: nobody can tell whether the number is registered"
unknown_remedy:
  zh: 导入相应备案系统的最新导出，再重审
  en: import a new extract of the filing system, and judge again
because:
  zh: 登记库过期或缺失时，查得到与查不到都不能作数。
  en: While the register is stale or absent, neither finding nor missing a number proves anything.
---
NOT registered
