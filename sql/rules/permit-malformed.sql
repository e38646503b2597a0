---
id: permit-malformed
title:
  zh: 编号不是微短剧的许可证号或备案号
  en: the number is no permit number of a micro-drama
action: block
clause: 广电办发〔2024〕35号三.2
needs: [titles]
applies: NOT permit_blank
evidence: [permit_raw, permit_reason]
remedy:
  zh: 按证件原文重新填写完整编号（发证主体、年份、序号）
  en: enter the whole number as the document shows it, with issuer, year and serial
because:
  zh: 填了内容但不能识别为微短剧编号：只有前缀、缺主体、缺年份、缺序号、其他类别的号码，或由平台冒署的许可证号。
  en: >-
    Something was entered that is no permit number: a bare prefix, a missing issuer, year or serial, a number of
    another kind, or a licence said to be issued by a platform.
---
NOT permit_parsed
