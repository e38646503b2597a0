---
id: permit-title-mismatch
title:
  zh: 剧名与登记不符
  en: the name differs from the registered one
action: block
clause: 总局令第16号第十六条；平台资质审核驳回项：作品信息与备案不符
needs: [titles, register]
applies: registered
unknown_when: register_stale
evidence: [permit, name, register_title, register_alt_name, register_stale]
remedy:
  zh: 改回备案剧名，或先办理更名变更
  en: use the registered name, or file the change of name first
unknown_title:
  zh: 登记库过期或缺失：剧名是否与登记相符，无法判定
  en: "the register is stale or absent: nobody can tell whether the name is the registered one"
unknown_remedy:
  zh: 导入相应备案系统的最新导出，再重审
  en: import a new extract of the filing system, and judge again
because:
  zh: 比较前统一全半角、繁简和大小写，去掉空白与首尾标点；与备案名或别名之一相同即可。
  en: >-
    Names are compared after folding width, script and case and dropping white space and edge punctuation;
    equality with the registered name or its alternative suffices.
---
NOT register_name_equal
