---
id: permit-placeholder
title:
  zh: 使用示例号或零号
  en: an example number or serial zero
action: block
clause: 平台资质审核驳回项：非主管部门核发、编造的编号
needs: [titles]
applies: permit_parsed
evidence: [permit, permit_raw]
remedy:
  zh: 填写本作品证件上的真实编号
  en: enter the number that this title's own document bears
because:
  zh: 官方说明里的示例号和序号为零的号码形式正确，但不属于任何作品。
  en: >-
    The examples of official guides, and numbers with serial 0, have the right form but belong to no title.
---
permit_placeholder
