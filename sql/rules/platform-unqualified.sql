---
id: platform-unqualified
title:
  zh: 平台自身不具备备案资格
  en: the platform itself is not qualified to file
action: block
clause: 其他微短剧备案工作指引；总局令第16号第二十九条
needs: [titles, platforms]
applies: platform_filing
unknown_when: |
    NOT issuer_is_own AND (issuer_operator IS NULL OR platform_operator IS NULL)
    AND ((platform_av_licence IS NULL AND platform_registration_no IS NULL)
      OR (platform_valid_until IS NOT NULL AND platform_valid_until < :as_of))
evidence: [permit, issuer, issuer_operator, platform, platform_operator, platform_av_licence, platform_registration_no, platform_valid_until]
remedy:
  zh: 先取得视听许可证或完成平台信息登记并在有效期内
  en: obtain the audiovisual licence or the platform's registration, or renew the expired one, first
unknown_title:
  zh: 平台证照缺失或过期，而运营主体不明：号码是否出自本平台，无法判定
  en: >-
    the platform is not qualified, and an operator is unknown: nobody can tell whether the number is the platform's
    own
unknown_remedy:
  zh: 在 issuers 或 platforms 中补全运营主体，再重审
  en: complete the operator in issuers or platforms, and judge again
because:
  zh: 只看由本平台运营主体核发的平台备案号。平台证照齐全有效时，主体是谁都不影响结论；证照缺失或过期而运营主体不明的，无法判断号码是否出自本平台。有效期截止当日仍有效。
  en: >-
    Only numbers issued by the platform's own operator count. Where the platform is qualified the issuer does not
    matter; where it is not, and an operator is unknown, nobody can tell whose number it is. The last valid day is
    still valid.
---
(issuer_is_own OR issuer_operator IS NOT DISTINCT FROM platform_operator)
AND ((platform_av_licence IS NULL AND platform_registration_no IS NULL)
  OR (platform_valid_until IS NOT NULL AND platform_valid_until < :as_of))
