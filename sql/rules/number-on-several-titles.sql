---
id: number-on-several-titles
title:
  zh: 一个编号用于多部作品
  en: one number on several titles
action: block
clause: 广电办发〔2024〕35号三.2
needs: [titles, register]
applies: number_shared
unknown_when: register_stale
evidence: [permit, name, register_title, register_alt_name, register_stale]
remedy:
  zh: 编号只留给登记的作品，其余作品各自办理
  en: leave the number to the title it is registered for; the others need their own
unknown_title:
  zh: 同一编号出现在剧名不同的作品上，而登记库过期或缺失：归谁无法判定
  en: >-
    the number stands on titles of different names, and the register is stale or absent: nobody can tell whose it is
unknown_remedy:
  zh: 导入相应备案系统的最新导出，再重审
  en: import a new extract of the filing system, and judge again
because:
  zh: 同一编号出现在剧名不同的多部微短剧上：名称与登记相符者保留；登记库无此号时全部拦截；登记库过期或缺失时无从判断归谁。
  en: >-
    The number stands on micro-dramas of different names: the one registered under it keeps it, without a register
    row none does; while the register is stale or absent nobody can tell whose it is.
---
NOT register_name_equal
