---
id: permit-missing
title:
  zh: 没有许可证号或备案号
  en: no permit number
action: block
clause: 广电办发〔2024〕35号三.2；总局令第16号第十七条
needs: [titles]
applies: NOT legacy
evidence: [permit_raw, online_on, status]
remedy:
  zh: 办理与作品层级相符的许可或备案，取得编号并填入后再上线
  en: obtain the document that the title's tier demands and enter its number before the title goes online
because:
  zh: 未取得许可证或未履行登记、备案手续的微短剧不得上线传播。早于新规实施日的老片另见 legacy-unfiled。
  en: >-
    A micro-drama without a licence or filing may not go online. Titles older than the duty are met by legacy-
    unfiled.
---
permit_blank
