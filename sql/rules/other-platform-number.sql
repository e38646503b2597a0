---
id: other-platform-number
title:
  zh: 使用其他平台的备案号
  en: another platform's filing number
action: block
clause: 广电办发〔2024〕35号三.2；总局令第16号第三十三条（二）
needs: [titles, platforms]
applies: platform_filing
unknown_when: NOT issuer_is_own AND (issuer_operator IS NULL OR platform_operator IS NULL)
evidence: [permit, issuer, issuer_operator, platform, platform_operator]
remedy:
  zh: 由本平台审核本平台版本，取得并标注本平台备案号
  en: review this platform's own cut, file it, and show this platform's own number
unknown_title:
  zh: 运营主体不明：该号是否属于其他平台，无法判定
  en: "an operator is unknown: nobody can tell whether the number is another platform's"
unknown_remedy:
  zh: 在 issuers 或 platforms 中补全运营主体，再重审
  en: complete the operator in issuers or platforms, and judge again
because:
  zh: 平台备案号只在核发它的平台有效。主体列在本平台简称之中即为本平台号码；运营主体任一方不明又不是本平台简称的，无法判断。
  en: >-
    A platform's number holds on that platform only. An issuer among the platform's short names is the platform's
    own; where it is not, and either operator is unknown, nobody can tell.
---
NOT issuer_is_own AND issuer_operator IS DISTINCT FROM platform_operator
