---
id: issuer-unknown
title:
  zh: 发证或备案主体不在名录中
  en: the issuer is not in the table of issuers
action: hold
clause: 广电办发〔2024〕35号三.2
needs: [titles]
applies: permit_parsed AND issuer IS NOT NULL
evidence: [permit, issuer, issuer_level]
remedy:
  zh: 核实该简称；属实则补入主体名录，否则退回更正编号
  en: >-
    find out who this issuer is: add a true one to the table of issuers, send a false one back
because:
  zh: 不认识的简称只能由人核实，不能据此认定违规。
  en: A short name nobody knows is for a person to look at; it is no violation by itself.
---
issuer_level IS NULL
