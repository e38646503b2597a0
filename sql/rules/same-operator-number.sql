---
id: same-operator-number
title:
  zh: 使用同一运营主体另一平台的备案号
  en: a number of the same operator's other platform
action: warn
clause: 《关于微短剧备案最新工作提示》（2024）；总局令第16号第三十三条（二）
needs: [titles, platforms]
applies: platform_filing
unknown_when: NOT issuer_is_own AND (issuer_operator IS NULL OR platform_operator IS NULL)
evidence: [permit, issuer, issuer_operator, platform, platform_operator]
remedy:
  zh: 建议以本平台名义另行备案；如依工作提示共用，留存依据
  en: >-
    better file under this platform's own name; if the number is shared under the working tip, keep the grounds on
    record
unknown_title:
  zh: 运营主体不明：该号是否属于同一运营主体的平台，无法判定
  en: "an operator is unknown: nobody can tell whether the number is of a platform of the same operator"
unknown_remedy:
  zh: 在 issuers 或 platforms 中补全运营主体，再重审
  en: complete the operator in issuers or platforms, and judge again
because:
  zh: 同一运营主体的各平台共用备案号只有省局工作提示可依，故为提示而非违规；运营主体不明时无法判断。
  en: >-
    Only a provincial working tip lets one operator's platforms share a number: hence a warning, no violation.
    With an unknown operator nobody can tell.
---
NOT issuer_is_own AND issuer_operator IS NOT DISTINCT FROM platform_operator
